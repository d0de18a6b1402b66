import { resolve } from 'node:path';

/**
 * @typedef {object} StartSettings
 * @property {string} host where the gateway listens
 * @property {number} port the gateway's wanted port; 0: a free one
 * @property {string | undefined} natsUrl a server that runs already; undefined: one is started
 * @property {string} dataDir absolute
 */

/**
 * Reads what `npm start` itself needs; the gateway validates the rest.
 * @param {NodeJS.ProcessEnv} env
 * @param {string} root relative paths start here
 * @returns {StartSettings}
 * @throws {InvalidSettings} for a PORT that is none
 */
export function readStartSettings(env, root) {
  const port = env.PORT ? Number(env.PORT) : 3000;
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new InvalidSettings(`PORT must be a number from 0 to 65535, not '${env.PORT}'`);
  }
  return {
    host: env.HOST || '127.0.0.1',
    port,
    natsUrl: env.NATS_URL || undefined,
    dataDir: resolve(root, env.DATA_DIR || '.annals'),
  };
}

/** Settings in the environment or .env are wrong. */
export class InvalidSettings extends Error {
  /** @type {'INVALID_SETTINGS'} */
  code = 'INVALID_SETTINGS';
  name = 'InvalidSettings';

  /** @param {string} problem */
  constructor(problem) {
    super(`Annals cannot start: ${problem}`);
  }
}
