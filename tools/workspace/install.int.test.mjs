import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { whyToInstall } from './install.mjs';
/** @import { LockedPackage } from './install.mjs' */

const WANTED = {
  '': { version: '0.0.0' },
  'libs/core': { version: '0.1.0' },
  'node_modules/@annals/core': { link: true },
  'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
  'node_modules/a/node_modules/b': { version: '2.0.0', integrity: 'sha512-b' },
  'node_modules/for-another-platform': { version: '1.0.0', integrity: 'sha512-c', optional: true },
};
const { 'node_modules/for-another-platform': _, ...INSTALLED } = WANTED;

/** @type {string} */
let root;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'annals-install-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/**
 * @param {Record<string, LockedPackage>} wanted
 * @param {Record<string, LockedPackage>} [installed]
 */
async function given(wanted, installed) {
  await writeFile(join(root, 'package-lock.json'), JSON.stringify({ packages: wanted }));
  if (!installed) return;
  await mkdir(join(root, 'node_modules'));
  await writeFile(join(root, 'node_modules', '.package-lock.json'), JSON.stringify({ packages: installed }));
}

describe('dependencies are installed', () => {
  test('on a fresh clone', async () => {
    await given(WANTED);
    expect(await whyToInstall(root)).toBe('there is no node_modules yet');
  });

  test('when one is missing', async () => {
    const { 'node_modules/a': _a, ...rest } = INSTALLED;
    await given(WANTED, rest);
    expect(await whyToInstall(root)).toBe('node_modules/a is missing');
  });

  test('when one has another version', async () => {
    await given(WANTED, { ...INSTALLED, 'node_modules/a/node_modules/b': { version: '1.9.0', integrity: 'sha512-z' } });
    expect(await whyToInstall(root)).toMatch(/node_modules\/a\/node_modules\/b is not the version/);
  });

  test('not again when all that this platform needs is there', async () => {
    await given(WANTED, INSTALLED);
    expect(await whyToInstall(root)).toBeUndefined();
  });
});
