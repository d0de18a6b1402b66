import { describe, expect, test } from '@jest/globals';
import { createServer } from 'node:net';
import { findFreePort } from './free-port.mjs';

/** @param {number} port */
async function listen(port) {
  const server = createServer();
  await new Promise((resolve, reject) =>
    server.once('error', reject).listen(port, '127.0.0.1', () => resolve(undefined)),
  );
  return { server, port: /** @type {import('node:net').AddressInfo} */ (server.address()).port };
}

describe('a free port', () => {
  test('is the preferred one when nothing listens there', async () => {
    const { server, port } = await listen(0);
    await new Promise((resolve) => server.close(resolve));
    expect(await findFreePort({ preferred: port })).toBe(port);
  });

  test('is another one when the preferred one is taken, and below those of outgoing connections', async () => {
    const { server, port } = await listen(0);
    const found = await findFreePort({ preferred: port });
    expect(found).not.toBe(port);
    expect(found).toBeLessThan(32_768);
    const other = await listen(found);
    other.server.close();
    server.close();
  });

  test('is not looked for on an address of another machine', async () => {
    await expect(findFreePort({ host: '192.0.2.1' })).rejects.toThrow(/name an address of this machine/);
  });
});
