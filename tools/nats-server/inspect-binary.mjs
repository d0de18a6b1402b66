import { compareVersions, versionFromOutput } from './version.mjs';
/** @import { ProvisionContext, WayOutcome } from './index.mjs' */

/**
 * Runs `<path> --version` and says whether this server may be used.
 * @param {string} path
 * @param {ProvisionContext} context
 * @returns {Promise<WayOutcome>}
 */
export async function inspectBinary(path, { run, minimumVersion }) {
  const result = await run(path, ['--version'], { timeoutMs: 10_000 });
  const version = versionFromOutput(result.stdout + result.stderr);
  if (result.code !== 0 || version === undefined) {
    return {
      found: false,
      reason: `${path} does not run (${firstLine(result.stderr || result.stdout) || `exit code ${result.code}`})`,
    };
  }
  if (compareVersions(version, minimumVersion) < 0) {
    return { found: false, reason: `${path} is version ${version}, too old: at least ${minimumVersion} is needed` };
  }
  return { found: true, path, version };
}

/** @param {string} text */
function firstLine(text) {
  return text.trim().split('\n')[0] ?? '';
}
