import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY_ROOT } from './repository.mjs';

/**
 * The file that a dependency names as its command, to be run by Node itself: the links in node_modules/.bin are shell
 * scripts on Windows.
 * @param {string} name of the package and the command
 * @returns {string}
 */
export function packageBinary(name) {
  const directory = join(REPOSITORY_ROOT, 'node_modules', name);
  /** @type {{ bin: string | Record<string, string> }} */
  const { bin } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  return join(directory, typeof bin === 'string' ? bin : String(bin[name]));
}
