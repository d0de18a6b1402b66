import type { StoreStatus } from '@annals/core';
import { createInMemoryStore } from '@annals/testing';
import { EventsHealthIndicator } from './events.health-indicator.ts';

function indicator(status: () => Promise<StoreStatus>): EventsHealthIndicator {
  return new EventsHealthIndicator({ status });
}

describe('EventsHealthIndicator', () => {
  it('is up while the store can be used, and says what is known of it', async () => {
    const store = createInMemoryStore();
    await store.append({ type: 'user', id: '1' }, { type: 'user.created', data: {} });
    expect(await new EventsHealthIndicator(store).check()).toEqual({
      status: 'up',
      durability: expect.any(String),
      streams: { [(await store.status()).streams[0]!.name]: 1 },
    });
  });

  it('is down with the reason when the store is closed', async () => {
    const store = createInMemoryStore();
    await store.close();
    expect(await new EventsHealthIndicator(store).check()).toMatchObject({ status: 'down', reason: 'it was closed' });
  });

  it('is down when the server is lost', async () => {
    const lost = async (): Promise<StoreStatus> => ({ state: 'disconnected', streams: [], durability: 'unknown' });
    expect(await indicator(lost).check()).toMatchObject({ status: 'down', reason: 'the store is disconnected' });
  });

  it('is down when the store does not answer in time', async () => {
    const silent = (): Promise<StoreStatus> => new Promise(() => {});
    expect(await indicator(silent).check(5)).toEqual({ status: 'down', reason: 'no answer within 5 ms' });
  });

  it('leaves no timer behind that would keep the process alive', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    await new EventsHealthIndicator(createInMemoryStore()).check(60_000);
    expect(timers()).toBe(before);
  });

  it('is down when the store fails, and never rejects', async () => {
    const broken = async (): Promise<StoreStatus> => {
      throw new Error('broken');
    };
    expect(await indicator(broken).check()).toEqual({ status: 'down', reason: 'broken' });
  });

  it('has the shape that terminus reads, under the key it is given', async () => {
    const health = new EventsHealthIndicator(createInMemoryStore());
    expect(await health.isHealthy()).toEqual({ events: expect.objectContaining({ status: 'up' }) });
    expect(await health.isHealthy('log')).toEqual({ log: expect.objectContaining({ status: 'up' }) });
  });
});
