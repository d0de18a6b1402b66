import { type TestNatsServer, eventually, startNatsServer } from '@annals/testing';
import { type NatsConnection, connect } from '@nats-io/transport-node';
import { Bucket } from './bucket.ts';

describe('the keys of a bucket', () => {
  let server: TestNatsServer;
  let nc: NatsConnection;

  beforeAll(async () => {
    server = await startNatsServer();
    nc = await connect({ servers: server.url });
  });

  afterAll(async () => {
    await nc.close();
    await server.stop();
  });

  it('are those that hold something: neither what was removed nor what expired', async () => {
    const bucket = new Bucket(nc, 'KEYS', { description: 'test' });
    expect(await bucket.keys('run.>')).toEqual([]);
    await bucket.put('run.stays', 'a', 0);
    await bucket.put('run.removed', 'b', 0);
    await bucket.put('run.expires', 'c', 0, 1);
    await bucket.put('other', 'd', 0);
    await bucket.remove('run.removed');
    expect([...(await bucket.keys('run.>'))].sort()).toEqual(['run.expires', 'run.stays']);
    await eventually(async () => (await bucket.get('run.expires')) === undefined, { deadlineMs: 10_000 });
    expect(await bucket.keys('run.>')).toEqual(['run.stays']);
    expect(await bucket.keys('nothing.>')).toEqual([]);
  });
});
