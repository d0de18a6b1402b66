import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fakeNatsServer, writeFakeNatsServer } from './fake-nats-server.mjs';
import { serveRelease, sha256Sums, tarGz, zip } from './fake-release.mjs';
import { provisionNatsServer } from './provision.mjs';
/** @import { ProvisionOptions } from './index.mjs' */

/** Nothing listens on the port 1 of this machine, so every fetch fails as it does without network. */
const NO_NETWORK = 'http://127.0.0.1:1';
const RELEASE = 'nats-server-v2.15.1-linux-amd64';

/** @type {string} */
let directory;
/** @type {string[]} */
let log;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'annals-provision-'));
  log = [];
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/**
 * Provisions as on a machine that has nothing but what a test gives it.
 * @param {ProvisionOptions} [options]
 */
function provision(options = {}) {
  return provisionNatsServer({
    env: { PATH: join(directory, 'bin') },
    cacheDir: join(directory, 'cache'),
    downloadUrl: NO_NETWORK,
    platform: 'linux',
    arch: 'x64',
    osReleaseFile: join(directory, 'no-os-release'),
    log: (line) => log.push(line),
    ...options,
  });
}

/** @param {Record<string, Buffer>} archives by file name */
async function releaseSite(archives, sums = sha256Sums(archives)) {
  const paths = Object.entries(archives).map(([name, content]) => [`/v2.15.1/${name}`, content]);
  return serveRelease({ ...Object.fromEntries(paths), '/v2.15.1/SHA256SUMS': sums });
}

describe('a nats-server of the machine', () => {
  test('is taken from the PATH when it is new enough', async () => {
    const path = await writeFakeNatsServer(join(directory, 'bin', 'nats-server'), '2.14.4');
    expect(await provision()).toEqual({ path, version: '2.14.4', origin: 'path' });
  });

  test('that is too old is passed over, said so, and the next way is taken', async () => {
    await writeFakeNatsServer(join(directory, 'bin', 'nats-server'), '2.10.29');
    const cached = await writeFakeNatsServer(
      join(directory, 'cache', 'nats-server', '2.15.1', 'nats-server'),
      '2.15.1',
    );
    expect(await provision()).toEqual({ path: cached, version: '2.15.1', origin: 'cache' });
    expect(log.join('\n')).toMatch(/2\.10\.29, too old: at least 2\.14\.4 is needed; looking further/);
  });

  test('that is too old does not hide a newer one later on the PATH', async () => {
    await writeFakeNatsServer(join(directory, 'bin', 'nats-server'), '2.10.29');
    const path = await writeFakeNatsServer(join(directory, 'other', 'nats-server'), '2.16.0');
    const env = { PATH: `${join(directory, 'bin')}:${join(directory, 'other')}` };
    expect(await provision({ env })).toEqual({ path, version: '2.16.0', origin: 'path' });
  });

  test('named in NATS_SERVER_BINARY comes first', async () => {
    await writeFakeNatsServer(join(directory, 'bin', 'nats-server'), '2.15.1');
    const path = await writeFakeNatsServer(join(directory, 'mine'), '2.14.5');
    const env = { PATH: join(directory, 'bin'), NATS_SERVER_BINARY: path };
    expect(await provision({ env })).toEqual({ path, version: '2.14.5', origin: 'named' });
  });

  test('named in NATS_SERVER_BINARY but too old is refused, not replaced', async () => {
    const path = await writeFakeNatsServer(join(directory, 'mine'), '2.11.0');
    const env = { PATH: '', NATS_SERVER_BINARY: path };
    await expect(provision({ env })).rejects.toMatchObject({
      code: 'NATS_SERVER_TOO_OLD',
      message: expect.stringContaining('2.11.0'),
    });
  });

  test('the newest one in the cache is taken, one that does not run is passed over', async () => {
    await writeFakeNatsServer(join(directory, 'cache', 'nats-server', '2.14.9', 'nats-server'), '2.14.9');
    const newest = await writeFakeNatsServer(
      join(directory, 'cache', 'nats-server', '2.14.10', 'nats-server'),
      '2.14.10',
    );
    await writeFakeNatsServer(join(directory, 'cache', 'nats-server', '2.15.0', 'something-else'), '2.15.0');
    expect(await provision()).toMatchObject({ path: newest, version: '2.14.10' });
  });
});

describe('the official release', () => {
  test.each([
    ['tar.gz', tarGz],
    ['zip', zip],
  ])('is fetched as %s, verified, kept, and not fetched again', async (format, pack) => {
    const binary = fakeNatsServer('2.15.1');
    const archive = pack({ [`${RELEASE}/README.md`]: 'read me', [`${RELEASE}/nats-server`]: binary });
    const site = await releaseSite({ [`${RELEASE}.${format}`]: archive });
    const path = join(directory, 'cache', 'nats-server', '2.15.1', 'nats-server');
    expect(await provision({ downloadUrl: site.url })).toEqual({ path, version: '2.15.1', origin: 'release' });
    expect(site.requests).toEqual(['/v2.15.1/SHA256SUMS', `/v2.15.1/${RELEASE}.${format}`]);
    await site.close();
    expect((await stat(path)).mode & 0o111).toBe(0o111);
    expect(await provision()).toEqual({ path, version: '2.15.1', origin: 'cache' });
  });

  test('is found by the environment variable NATS_SERVER_DOWNLOAD_URL', async () => {
    const archive = tarGz({ [`${RELEASE}/nats-server`]: fakeNatsServer('2.15.1') });
    const site = await releaseSite({ [`${RELEASE}.tar.gz`]: archive });
    const env = { PATH: '', NATS_SERVER_DOWNLOAD_URL: `${site.url}/` };
    const found = provisionNatsServer({ env, cacheDir: join(directory, 'cache'), platform: 'linux', arch: 'x64' });
    await expect(found).resolves.toMatchObject({ origin: 'release' });
    await site.close();
  });

  test('with a wrong checksum is refused and not kept', async () => {
    const archive = tarGz({ [`${RELEASE}/nats-server`]: fakeNatsServer('2.15.1') });
    const site = await releaseSite({ [`${RELEASE}.tar.gz`]: archive }, `${'0'.repeat(64)}  ${RELEASE}.tar.gz\n`);
    await expect(provision({ downloadUrl: site.url })).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' });
    await site.close();
    await expect(readdir(join(directory, 'cache', 'nats-server'))).rejects.toThrow('ENOENT');
  });

  test('that SHA256SUMS does not list is not fetched', async () => {
    const archive = tarGz({ [`${RELEASE}/nats-server`]: fakeNatsServer('2.15.1') });
    const site = await releaseSite({ [`${RELEASE}.tar.gz`]: archive }, `${'0'.repeat(64)}  something-else.tar.gz\n`);
    await expect(provision({ downloadUrl: site.url })).rejects.toThrow(/lists neither/);
    expect(site.requests).toEqual(['/v2.15.1/SHA256SUMS']);
    await site.close();
  });

  test('fetched by several processes at once leaves one whole file', async () => {
    const archive = tarGz({ [`${RELEASE}/nats-server`]: fakeNatsServer('2.15.1') });
    const site = await releaseSite({ [`${RELEASE}.tar.gz`]: archive });
    const found = await Promise.all(Array.from({ length: 4 }, () => provision({ downloadUrl: site.url })));
    await site.close();
    expect(new Set(found.map(({ path }) => path)).size).toBe(1);
    expect(await readdir(join(directory, 'cache', 'nats-server', '2.15.1'))).toEqual(['nats-server']);
  });

  test('of a site that stops answering is given up', async () => {
    const never = /** @type {typeof fetch} */ (
      (_url, init) =>
        new Promise((_resolve, reject) =>
          init?.signal?.addEventListener('abort', () => reject(init.signal?.reason), { once: true }),
        )
    );
    await expect(provision({ fetch: never, timeoutMs: 20 })).rejects.toThrow(/nothing arrived for 20 ms/);
  });
});

describe('without any way', () => {
  test('the message lists each one with its reason and what to do', async () => {
    await writeFakeNatsServer(join(directory, 'bin', 'nats-server'), '2.10.29');
    const error = await provision().catch((reason) => reason);
    expect(error.code).toBe('NATS_SERVER_UNAVAILABLE');
    expect(error.attempts.map((/** @type {{ origin: string }} */ { origin }) => origin)).toEqual([
      'named',
      'path',
      'cache',
      'release',
      'debian',
    ]);
    expect(error.message).toMatch(/path: .*2\.10\.29, too old/);
    expect(error.message).toMatch(/release: .*SHA256SUMS could not be fetched: /);
    expect(error.message).toMatch(/debian: this is no Debian system/);
    expect(error.message).toMatch(/NATS_URL/);
  });

  test('a platform without a release is named', async () => {
    await expect(provision({ platform: 'aix' })).rejects.toThrow(/there is no release for aix on x64/);
  });
});
