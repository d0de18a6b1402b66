import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type TestNatsServer, eventually, startNatsServer } from '@annals/testing';
import { type NatsConnection, connect } from '@nats-io/transport-node';
import { Bucket } from './bucket.ts';
import { Lease } from './lease.ts';

const TIMES = { seconds: 2, renewMs: 300 } as const;
let server: TestNatsServer;
let nc: NatsConnection;
let bucket: Bucket;
let buckets = 0;

beforeAll(async () => {
  server = await startNatsServer();
  nc = await connect({ servers: server.url });
});

afterAll(async () => {
  await nc?.close();
  await server?.stop();
});

beforeEach(() => {
  bucket = new Bucket(nc, `LEASES_${++buckets}`, { description: 'test' });
});

const take = () => Lease.take(bucket, 'lease', TIMES);

describe('Lease', () => {
  it('is had by one, over the time that it lasts without being renewed', async () => {
    const takers = await Promise.all([take(), take(), take(), take()]);
    const [lease, ...others] = takers.filter((taken) => taken !== undefined);
    expect(others).toEqual([]);
    const first = (await bucket.get('lease'))!.revision;
    await eventually(async () => (await bucket.get('lease'))!.revision > first + 7);
    expect(lease!.isHeld).toBe(true);
    expect(await take()).toBeUndefined();
    await lease!.release();
  });

  it('is free as soon as it is given back', async () => {
    const lease = (await take())!;
    await lease.release();
    const next = (await take())!;
    expect(next.isHeld).toBe(true);
    await next.release();
  });

  it('is noticed to be lost, and then not taken from whoever has it', async () => {
    const lease = (await take())!;
    await bucket.remove('lease');
    const next = (await take())!;
    await eventually(() => lease.lost.aborted);
    expect(lease.isHeld).toBe(false);
    await lease.release();
    expect(await take()).toBeUndefined();
    await next.release();
  });

  it('is over for a process that was frozen, before anybody told it', async () => {
    const lease = (await take())!;
    expect(lease.isHeld).toBe(true);
    const wakesUpAtMs = performance.now() + 2_100;
    // Nothing of this process runs meanwhile, no timer and no answer of the server.
    while (performance.now() < wakesUpAtMs);
    expect(lease.isHeld).toBe(false);
    await lease.release();
  });

  it('goes away by itself when its holder dies', async () => {
    const dying = await connect({ servers: server.url });
    const dead = (await Lease.take(new Bucket(dying, `LEASES_${buckets}`, { description: 'test' }), 'lease', TIMES))!;
    await dying.close();
    const next = await eventually(take);
    expect(next.isHeld).toBe(true);
    await eventually(() => !dead.isHeld);
    await next.release();
  });
});
