import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * Where fetched servers are kept: `ANNALS_CACHE_DIR`, else one cache per user, so that several clones share one download.
 * @param {NodeJS.ProcessEnv} env
 * @returns {string}
 */
export function cacheDirectory(env) {
  if (env.ANNALS_CACHE_DIR) return resolve(env.ANNALS_CACHE_DIR);
  const base =
    env.XDG_CACHE_HOME || (process.platform === 'win32' && env.LOCALAPPDATA) || join(env.HOME || homedir(), '.cache');
  return join(base, 'annals');
}
