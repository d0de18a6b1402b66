import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { connect } from '@nats-io/transport-node';
import { checkServer } from './check-server.ts';

let server: Server | undefined;

afterEach(async () => {
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
});

/** Speaks just enough of the protocol to be connected to as a server of some version. */
async function serverOfVersion(version: string): Promise<string> {
  const info = { server_id: 'T', server_name: 't', version, proto: 1, headers: true, max_payload: 1_048_576 };
  server = createServer((socket) => {
    socket.write(`INFO ${JSON.stringify(info)}\r\n`);
    socket.on('data', (data) => {
      for (const _ of data.toString().matchAll(/PING\r\n/g)) socket.write('PONG\r\n');
    });
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('checkServer', () => {
  it.each(['2.14.3', '2.10.29', '2.14.4-RC.2'])('refuses nats-server %s and names both versions', async (version) => {
    const nc = await connect({ servers: await serverOfVersion(version) });
    try {
      await expect(checkServer(nc)).rejects.toMatchObject({
        code: 'server-too-old',
        foundVersion: version,
        minimumVersion: '2.14.4',
        hasJetStream: true,
        message: `nats-server ${version} is too old, Annals needs 2.14.4 or newer: older ones lose messages of atomic batches. Upgrade the server.`,
      });
    } finally {
      await nc.close();
    }
  });
});
