import { fileURLToPath } from 'node:url';

/** The checkout that these tools belong to. */
export const REPOSITORY_ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');
