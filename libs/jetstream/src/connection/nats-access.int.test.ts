import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nkeys } from '@nats-io/transport-node';
import { type TestNatsServer, startNatsServer } from '@annals/testing';
import { openJetStreamStore } from '../store/open-jetstream-store.ts';
import { type NatsAccess, natsAccessOptions } from './nats-access.ts';

describe('access to nats-server', () => {
  const user = nkeys.createUser();
  let directory: string;
  let server: TestNatsServer | undefined;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'annals-access-'));
  });

  afterEach(async () => {
    await server?.stop();
    server = undefined;
  });

  afterAll(() => rm(directory, { recursive: true }));

  const open = async (access: NatsAccess): Promise<void> => {
    const store = await openJetStreamStore({ servers: server!.url, connectionOptions: natsAccessOptions(access) });
    await store.append({ type: 'user', id: 'u1' }, { type: 'user.created', data: 1 });
    await store.close();
  };

  it('is by name and password', async () => {
    server = await startNatsServer({ extraConfig: 'authorization { user: ada, password: secret }' });
    await open({ user: 'ada', password: 'secret' });
    await expect(open({ user: 'ada', password: 'wrong' })).rejects.toMatchObject({ code: 'store-unavailable' });
    await expect(open({})).rejects.toMatchObject({ code: 'store-unavailable' });
  });

  it('is by token', async () => {
    server = await startNatsServer({ extraConfig: 'authorization { token: secret }' });
    await open({ token: 'secret' });
    await expect(open({ token: 'wrong' })).rejects.toMatchObject({ code: 'store-unavailable' });
  });

  it('is by the seed of an nkey in a file, blanks around it or not', async () => {
    const nkeySeedFile = join(directory, 'seed');
    await writeFile(nkeySeedFile, `\n${new TextDecoder().decode(user.getSeed())}\n`);
    server = await startNatsServer({ extraConfig: `authorization { users: [ { nkey: ${user.getPublicKey()} } ] }` });
    await open({ nkeySeedFile });
  });

  it('fails before it connects for a file that is not there', () => {
    expect(() => natsAccessOptions({ credentialsFile: join(directory, 'none') })).toThrow(/ENOENT/);
  });

  it('turns TLS on by any of its files, and gives the client their paths', () => {
    expect(natsAccessOptions({ tlsCaFile: 'ca.pem' })).toEqual({ tls: { caFile: 'ca.pem' } });
    expect(natsAccessOptions({ tlsCertFile: 'c.pem', tlsKeyFile: 'k.pem' })).toEqual({
      tls: { certFile: 'c.pem', keyFile: 'k.pem' },
    });
    expect(natsAccessOptions({})).toEqual({});
  });
});
