import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mainArchive, readAptSources, sourcesFileFor } from './apt-source.mjs';

/** @type {string} */
let root;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'annals-apt-'));
  await mkdir(join(root, 'sources.list.d'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe("apt's sources", () => {
  test('are read from both formats, without what is disabled or source code only', async () => {
    await writeFile(
      join(root, 'sources.list'),
      '# deb http://commented.test/debian sid main\ndeb [arch=amd64 signed-by=/k.gpg] http://one-line.test/debian bookworm main\ndeb-src http://one-line.test/debian bookworm main\n',
    );
    await writeFile(
      join(root, 'sources.list.d', 'x.sources'),
      'Types: deb deb-src\n# a comment\nURIs: http://a.test/debian\nSuites: trixie trixie-updates\nSigned-By: /a.gpg\n\nTypes: deb\nEnabled: no\nURIs: http://off.test/debian\nSuites: trixie\n',
    );
    await writeFile(
      join(root, 'sources.list.d', 'y.sources.disabled'),
      'Types: deb\nURIs: http://no.test\nSuites: x\n',
    );
    expect(await readAptSources(root)).toEqual([
      { uri: 'http://one-line.test/debian', suites: ['bookworm'], signedBy: '/k.gpg' },
      { uri: 'http://a.test/debian', suites: ['trixie', 'trixie-updates'], signedBy: '/a.gpg' },
    ]);
  });

  test('the main archive is neither a security archive nor that of another vendor', () => {
    const vendor = { uri: 'https://vendor.test/apt', suites: ['stable'], signedBy: undefined };
    const security = { uri: 'http://a.test/debian-security', suites: ['bookworm-security'], signedBy: undefined };
    const main = { uri: 'http://a.test/debian', suites: ['bookworm'], signedBy: undefined };
    expect(mainArchive([vendor, security, main])).toBe(main);
    expect(mainArchive([security])).toBeUndefined();
  });

  test('a key inside of the field is kept as it is', async () => {
    const key = 'Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mDMEY\n -----END PGP PUBLIC KEY BLOCK-----';
    await writeFile(
      join(root, 'sources.list.d', 'x.sources'),
      `Types: deb\nURIs: http://a.test/debian\nSuites: trixie\n${key}\n`,
    );
    const [source] = await readAptSources(root);
    if (!source) throw new Error('the source was not read');
    expect(sourcesFileFor(source, 'sid')).toContain('-----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mDMEY\n -----END');
    expect(sourcesFileFor(source, 'sid')).toContain('Suites: sid\n');
  });
});
