import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * For specs: the text of a program that answers `--version` as nats-server does.
 * @param {string} version
 */
export function fakeNatsServer(version) {
  return `#!/bin/sh\necho "nats-server: v${version}"\n`;
}

/**
 * For specs: writes such a program.
 * @param {string} path
 * @param {string} version
 */
export async function writeFakeNatsServer(path, version) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, fakeNatsServer(version));
  await chmod(path, 0o755);
  return path;
}
