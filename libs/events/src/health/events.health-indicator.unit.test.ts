import { type StoreStatus, silentLogger } from '@annals/core';
import { createInMemoryStore, eventually } from '@annals/testing';
import { observedStore } from '../subscribe/observed-store.spec-support.ts';
import { RunningSubscriptions } from '../subscribe/running-subscriptions.ts';
import { SubscriptionWatch } from './subscription-watch.ts';
import { EventsHealthIndicator } from './events.health-indicator.ts';

function indicator(status: () => Promise<StoreStatus>): EventsHealthIndicator {
  return new EventsHealthIndicator({ ...createInMemoryStore(), status });
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

describe('the health of subscriptions', () => {
  async function subscribed() {
    const store = observedStore();
    const running = new RunningSubscriptions(store, silentLogger, 1_000);
    const subscription = await running.subscribe({ name: 'mailer' }, () => {});
    return { store, running, subscription, health: new EventsHealthIndicator(store, running) };
  }

  it('tells the state of those that this process handles', async () => {
    const { store, running, health } = await subscribed();
    await store.subscriptions.create({ name: 'of-another-service' });
    expect(await health.check()).toMatchObject({ status: 'up', subscriptions: { mailer: 'live' }, stalled: [] });
    await running.stop();
    expect(await health.check()).not.toHaveProperty('subscriptions');
  });

  it('names those that are stalled, and stays up: a restart would not help them', async () => {
    const { store, running } = await subscribed();
    const [listed] = await store.subscriptions.list();
    const list = async () => [{ ...listed!, state: 'stalled' as const }];
    const stalled = { status: () => store.status(), subscriptions: { ...store.subscriptions, list } };
    const health = new EventsHealthIndicator(stalled, running);
    expect(await health.check()).toMatchObject({
      status: 'up',
      subscriptions: { mailer: 'stalled' },
      stalled: ['mailer'],
    });
    await running.stop();
  });

  it('names those that ended with an error', async () => {
    const { store, running, health } = await subscribed();
    await store.subscriptions.delete('mailer');
    await eventually(() => running.failed.has('mailer'));
    expect(await health.check()).toMatchObject({ subscriptions: { mailer: 'failed' }, stalled: ['mailer'] });
  });

  it('asks the store seldom, however often it is probed', async () => {
    const { store, running } = await subscribed();
    let now = 0;
    let asked = 0;
    const list = () => ((asked += 1), store.subscriptions.list());
    const watch = new SubscriptionWatch({ subscriptions: { ...store.subscriptions, list } }, running, () => now);
    await Promise.all([watch.states(), watch.states()]);
    await watch.states();
    expect(asked).toBe(1);
    now = 11_000;
    await watch.states();
    expect(asked).toBe(2);
    await running.stop();
  });

  it('tells what the process knows where the store takes long or fails', async () => {
    const { store, running } = await subscribed();
    const silent = { subscriptions: { ...store.subscriptions, list: () => new Promise<never>(() => {}) } };
    expect(await new SubscriptionWatch(silent, running).states()).toEqual(new Map([['mailer', 'active']]));
    const failing = { subscriptions: { ...store.subscriptions, list: () => Promise.reject(new Error('x')) } };
    expect(await new SubscriptionWatch(failing, running).states()).toEqual(new Map([['mailer', 'active']]));
    await running.stop();
  });
});
