/** 2.14.0 to 2.14.3 lose messages of atomic batches (nats-io/nats-server#8376), so older servers are refused. */
export const MINIMUM_VERSION = '2.14.4';

/** The release that is fetched when the machine has none. */
export const PINNED_VERSION = '2.15.1';

/**
 * Compares two versions; a pre-release comes before its release.
 * @param {string} a
 * @param {string} b
 * @returns {number} negative, zero or positive
 */
export function compareVersions(a, b) {
  const left = parseVersion(a);
  const right = parseVersion(b);
  for (const part of /** @type {const} */ (['major', 'minor', 'patch'])) {
    if (left[part] !== right[part]) return left[part] - right[part];
  }
  return Number(right.isPreRelease) - Number(left.isPreRelease);
}

/**
 * Reads the version from the text that `nats-server --version` prints.
 * @param {string} output
 * @returns {string | undefined} for example `2.15.1`
 */
export function versionFromOutput(output) {
  return /nats-server:\s+v?(\d+\.\d+\.\d+(?:-[\w.]+)?)/.exec(output)?.[1];
}

/** @param {string} version */
function parseVersion(version) {
  const match = /^v?(\d+)\.(\d+)\.(\d+)(-.+)?$/.exec(version.trim());
  if (!match) throw new TypeError(`'${version}' is not a version like 2.15.1`);
  return {
    major: Number(match[1]),
    minor: Number(match[2]),
    patch: Number(match[3]),
    isPreRelease: match[4] !== undefined,
  };
}
