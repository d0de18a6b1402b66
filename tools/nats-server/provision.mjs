import { findBinaryOnPath } from './binary-on-path.mjs';
import { cacheDirectory } from './cache-directory.mjs';
import { findCachedBinary } from './cached-binary.mjs';
import { fetchDebianPackage } from './debian-package.mjs';
import { findNamedBinary } from './named-binary.mjs';
import { fetchOfficialRelease, OFFICIAL_DOWNLOAD_URL } from './official-release.mjs';
import { NatsServerUnavailable } from './provision-errors.mjs';
import { runCommand } from '../process/run-command.mjs';
import { MINIMUM_VERSION, PINNED_VERSION } from './version.mjs';
/** @import { Origin, ProvisionContext, ProvisionOptions, WayOutcome } from './index.mjs' */

/** @type {readonly { origin: Origin, find: (context: ProvisionContext) => Promise<WayOutcome> }[]} */
const WAYS = [
  { origin: 'named', find: findNamedBinary },
  { origin: 'path', find: findBinaryOnPath },
  { origin: 'cache', find: findCachedBinary },
  { origin: 'release', find: fetchOfficialRelease },
  { origin: 'debian', find: fetchDebianPackage },
];

/** @type {typeof import('./index.mjs').provisionNatsServer} */
export async function provisionNatsServer(options = {}) {
  const context = contextFrom(options);
  const attempts = [];
  for (const { origin, find } of WAYS) {
    const outcome = await find(context);
    if (outcome.found) return { path: outcome.path, version: outcome.version, origin };
    attempts.push({ origin, reason: outcome.reason });
    if (/too old|does not run/.test(outcome.reason)) context.log(`${outcome.reason}; looking further`);
  }
  throw new NatsServerUnavailable(context.minimumVersion, attempts);
}

/**
 * @param {ProvisionOptions} options
 * @returns {ProvisionContext}
 */
function contextFrom(options) {
  const env = options.env ?? process.env;
  return {
    env,
    platform: options.platform ?? process.platform,
    arch: options.arch ?? process.arch,
    cacheDir: options.cacheDir ?? cacheDirectory(env),
    downloadUrl: options.downloadUrl ?? (env.NATS_SERVER_DOWNLOAD_URL || OFFICIAL_DOWNLOAD_URL),
    version: options.version ?? PINNED_VERSION,
    minimumVersion: options.minimumVersion ?? MINIMUM_VERSION,
    timeoutMs: options.timeoutMs ?? 10_000,
    log: options.log ?? (() => {}),
    run: options.run ?? runCommand,
    fetch: options.fetch ?? globalThis.fetch,
    aptRoot: options.aptRoot ?? '/etc/apt',
    osReleaseFile: options.osReleaseFile ?? '/etc/os-release',
  };
}
