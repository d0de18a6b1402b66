/** @import { FailedAttempt } from './index.mjs' */

/** No way led to a nats-server that is new enough. `attempts` has each way with its reason. */
export class NatsServerUnavailable extends Error {
  /** @type {'NATS_SERVER_UNAVAILABLE'} */
  code = 'NATS_SERVER_UNAVAILABLE';
  name = 'NatsServerUnavailable';

  /**
   * @param {string} minimumVersion
   * @param {readonly FailedAttempt[]} attempts
   */
  constructor(minimumVersion, attempts) {
    super(
      [
        `No nats-server ${minimumVersion} or newer could be found or fetched. Tried:`,
        ...attempts.map(({ origin, reason }) => `  - ${origin}: ${reason}`),
        'Do one of these:',
        '  - install nats-server (see docs.nats.io) so that it is on the PATH, or name it in NATS_SERVER_BINARY;',
        '  - set NATS_URL to a server that runs already (npm start then starts none);',
        '  - set NATS_SERVER_DOWNLOAD_URL to a place that has the official release files.',
      ].join('\n'),
    );
    this.attempts = attempts;
  }
}

/** The server that the caller named is older than the store needs. */
export class NatsServerTooOld extends Error {
  /** @type {'NATS_SERVER_TOO_OLD'} */
  code = 'NATS_SERVER_TOO_OLD';
  name = 'NatsServerTooOld';
}

/** A file was fetched, but it is not the file that its publisher lists. */
export class ChecksumMismatch extends Error {
  /** @type {'CHECKSUM_MISMATCH'} */
  code = 'CHECKSUM_MISMATCH';
  name = 'ChecksumMismatch';

  /**
   * @param {string} file
   * @param {string} expected
   * @param {string} actual
   */
  constructor(file, expected, actual) {
    super(
      `${file} has SHA-256 ${actual}, but SHA256SUMS lists ${expected}: it was not used. Check NATS_SERVER_DOWNLOAD_URL and any proxy between.`,
    );
    this.expected = expected;
    this.actual = actual;
  }
}

/** A file could not be fetched. */
export class DownloadFailed extends Error {
  /** @type {'DOWNLOAD_FAILED'} */
  code = 'DOWNLOAD_FAILED';
  name = 'DownloadFailed';
}
