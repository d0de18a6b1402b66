import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Takes settings from `.env` where there is one; what is set in the environment already wins.
 * @param {string} root
 */
export function loadEnvFile(root) {
  const file = join(root, '.env');
  if (existsSync(file)) process.loadEnvFile(file);
}
