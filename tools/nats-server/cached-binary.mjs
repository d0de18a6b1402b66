import { chmod, mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import { inspectBinary } from './inspect-binary.mjs';
import { compareVersions } from './version.mjs';
/** @import { ProvisionContext, WayOutcome } from './index.mjs' */

/**
 * Takes the newest server in the cache that runs and is new enough.
 * @param {ProvisionContext} context
 * @returns {Promise<WayOutcome>}
 */
export async function findCachedBinary(context) {
  const root = join(context.cacheDir, 'nats-server');
  const versions = (await readdir(root).catch(() => /** @type {string[]} */ ([]))).filter((name) =>
    /^\d+\.\d+\.\d+/.test(name),
  );
  const reasons = [];
  for (const version of versions.sort(compareVersions).reverse()) {
    const outcome = await inspectBinary(cachedBinaryPath(context, version), context);
    if (outcome.found) return outcome;
    reasons.push(outcome.reason);
  }
  return { found: false, reason: reasons.join('; ') || `none in ${root} yet` };
}

/**
 * Puts a server into the cache. Complete files appear under their name at once (rename), so two processes that fetch
 * at the same time cannot see half a file, and a killed one leaves nothing that looks usable.
 * @param {ProvisionContext} context
 * @param {string} version
 * @param {Uint8Array} content
 * @returns {Promise<string>} the path
 */
export async function storeInCache(context, version, content) {
  const path = cachedBinaryPath(context, version);
  await mkdir(dirname(path), { recursive: true });
  const partial = `${path}.${process.pid}-${randomBytes(4).toString('hex')}.partial`;
  await writeFile(partial, content);
  await chmod(partial, 0o755);
  await rename(partial, path);
  return path;
}

/**
 * @param {ProvisionContext} context
 * @param {string} version
 */
function cachedBinaryPath({ cacheDir, platform }, version) {
  return join(cacheDir, 'nats-server', version, platform === 'win32' ? 'nats-server.exe' : 'nats-server');
}
