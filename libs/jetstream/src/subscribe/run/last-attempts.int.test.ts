import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { StoreUnavailable } from '@annals/core';
import { type TestNatsServer, startNatsServer } from '@annals/testing';
import { type NatsConnection, connect } from '@nats-io/transport-node';
import { Bucket } from '../../bucket/bucket.ts';
import { LastAttempts } from './last-attempts.ts';

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

/** A bucket whose first write is done, but its answer is lost. */
class LossyBucket extends Bucket {
  private lost = false;

  override async put(...change: Parameters<Bucket['put']>): ReturnType<Bucket['put']> {
    const revision = await super.put(...change);
    if (this.lost) return revision;
    this.lost = true;
    throw new StoreUnavailable('nats-server did not answer in time');
  }
}

describe('the mark of a last attempt', () => {
  it('is known as its own by the attempt whose answer was lost, and as a foreign one by the next', async () => {
    const attempts = new LastAttempts(new LossyBucket(nc, 'MARKS', { description: 'marks' }));
    await expect(attempts.begin('e1', 'one')).rejects.toThrow('did not answer');
    expect(await attempts.begin('e1', 'one')).toBe(true);
    expect(await attempts.begin('e1', 'two')).toBe(false);
    await attempts.end('e1');
    expect(await attempts.begin('e1', 'two')).toBe(true);
  });
});
