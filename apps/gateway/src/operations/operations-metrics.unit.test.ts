import {
  type EventStore,
  type ProjectionStatus,
  type ReplayJob,
  StoreUnavailable,
  type SubscriptionStatus,
} from '@annals/core';
import { eventually } from '@annals/testing';
import { startInMemoryGateway } from '../bootstrap/in-memory-gateway.spec-support.ts';
import { withMethods } from '../store/replaced-methods.spec-support.ts';
import { OperationsWatch } from './operations-watch.ts';
import { scriptedPorts } from './scripted-ports.spec-support.ts';

const status = (name: string, more: Partial<SubscriptionStatus> = {}): SubscriptionStatus =>
  ({ name, state: 'live', pending: 0, ackPending: 0, deadLetters: 0, ...more }) as SubscriptionStatus;
const jobs = (...states: ReplayJob['state'][]): ReplayJob[] => states.map((state) => ({ state }) as ReplayJob);

const portsWith = (subscriptions: readonly SubscriptionStatus[], letters = 0, replays: ReplayJob[] = []) =>
  scriptedPorts({
    subscriptions: { list: () => subscriptions },
    deadLetters: { count: () => letters },
    replays: { list: () => ({ jobs: replays }) },
  });

describe('the metrics of operations', () => {
  const scrape = async (store: EventStore, times = 1): Promise<string> => {
    const gateway = await startInMemoryGateway({ store });
    try {
      let text = '';
      for (let i = 0; i < times; i++) ({ text } = await gateway.get('/metrics'));
      return text;
    } finally {
      await gateway.stop();
    }
  };

  it('tell of each subscription what waits, what is in hand, and whether it is stalled', async () => {
    const billing = status('billing', { state: 'stalled', pending: 7, ackPending: 3, deadLetters: 2 });
    const text = await scrape(portsWith([billing, status('mailer')], 5, jobs('running', 'failed', 'running')).store);
    const samples = text.split('\n').filter((line) => /^annals_(subscription|dead|replays)/.test(line));
    expect(samples).toEqual([
      'annals_subscription_pending{subscription="billing"} 7',
      'annals_subscription_pending{subscription="mailer"} 0',
      'annals_subscription_ack_pending{subscription="billing"} 3',
      'annals_subscription_ack_pending{subscription="mailer"} 0',
      'annals_subscription_stalled{subscription="billing"} 1',
      'annals_subscription_stalled{subscription="mailer"} 0',
      'annals_dead_letters{subscription="billing"} 2',
      'annals_dead_letters{subscription="mailer"} 0',
      'annals_dead_letters{subscription="(deleted)"} 3',
      'annals_replays{state="running"} 2',
      'annals_replays{state="failed"} 1',
    ]);
  });

  it('tell of each projection how far it is behind, and whether it fails', async () => {
    const projection = (name: string, state: string, lagEvents: number) =>
      ({ name, state, lagEvents }) as ProjectionStatus;
    const { store } = scriptedPorts({
      subscriptions: { list: () => [] },
      deadLetters: { count: () => 0 },
      replays: { list: () => ({ jobs: [] }) },
      projections: { list: () => [projection('names', 'live', 0), projection('totals', 'failed', 12)] },
    });
    const samples = (await scrape(store)).split('\n').filter((line) => line.startsWith('annals_projection'));
    expect(samples).toEqual([
      'annals_projection_lag_events{projection="names"} 0',
      'annals_projection_lag_events{projection="totals"} 12',
      'annals_projection_failed{projection="names"} 0',
      'annals_projection_failed{projection="totals"} 1',
    ]);
  });

  it('have a label for 200 subscriptions at most, and sum up the others', async () => {
    const many = Array.from({ length: 203 }, (_, i) => status(`s${String(i).padStart(3, '0')}`, { pending: 1 }));
    const text = await scrape(portsWith(many).store);
    const pending = text.split('\n').filter((line) => line.startsWith('annals_subscription_pending{'));
    expect(pending).toHaveLength(201);
    expect(pending.at(-1)).toBe('annals_subscription_pending{subscription="(others)"} 3');
  });

  it('ask the store once for scrapes that come close together', async () => {
    const { store, calls } = portsWith([status('billing')]);
    await scrape(store, 3);
    // One of the lists is of projections for the probe, whose answer is a metric too.
    expect(calls.map(({ method }) => method).sort()).toEqual(['count', 'list', 'list', 'list', 'list']);
  });

  it('leave out what the store does not tell, and keep the rest', async () => {
    const { store } = scriptedPorts({
      subscriptions: {
        list: () => {
          throw new StoreUnavailable('gone');
        },
      },
      deadLetters: { count: () => 5 },
      replays: { list: () => ({ jobs: jobs('paused') }) },
    });
    const text = await scrape(store);
    expect(text).toContain('annals_store_connected 1');
    expect(text).toContain('annals_replays{state="paused"} 1');
    expect(text).not.toMatch(/^annals_(subscription_pending|dead_letters)\{/m);
  });
});

describe('what is watched', () => {
  it('is asked for anew after a while, and kept where the store does not answer then', async () => {
    let now = 0;
    const { store, calls } = portsWith([status('billing')]);
    let isAway = false;
    const watch = new OperationsWatch(
      () => {
        if (isAway) throw new StoreUnavailable('gone');
        return store;
      },
      () => now,
    );
    const first = await watch.snapshot();
    expect(first.subscriptions).toHaveLength(1);
    now += 9_999;
    expect(await watch.snapshot()).toBe(first);
    now += 1;
    expect(await watch.snapshot()).not.toBe(first);
    expect(calls).toHaveLength(8);
    isAway = true;
    now += 10_000;
    expect((await watch.snapshot()).subscriptions).toHaveLength(1);
  });
});

describe('GET /health/ready', () => {
  it('names stalled subscriptions, and is ready all the same', async () => {
    const { store } = portsWith([]);
    const stalled = Array.from({ length: 25 }, (_, i) => `s${i}`);
    const gateway = await startInMemoryGateway({
      store: withMethods(store, {
        status: async () => ({ ...(await store.status()), subscriptions: { total: 30, stalled } }),
      }),
    });
    try {
      const answer = await gateway.get('/health/ready');
      expect(answer).toMatchObject({
        status: 200,
        body: { status: 'ready', stalledSubscriptions: stalled.slice(0, 20) },
      });
    } finally {
      await gateway.stop();
    }
  });

  it('names projections that fail, and is ready all the same', async () => {
    const failed = Array.from({ length: 25 }, (_, i) => ({ name: `p${i}`, state: 'failed' }) as ProjectionStatus);
    const { store } = scriptedPorts({
      subscriptions: { list: () => [] },
      deadLetters: { count: () => 0 },
      replays: { list: () => ({ jobs: [] }) },
      projections: { list: () => [{ name: 'fine', state: 'live' }, ...failed] },
    });
    const gateway = await startInMemoryGateway({ store });
    try {
      // A probe is answered with what is known, and does not wait for more.
      await eventually(async () => (await gateway.get('/health/ready')).text.includes('failedProjections'));
      expect(await gateway.get('/health/ready')).toMatchObject({
        status: 200,
        body: { status: 'ready', failedProjections: failed.slice(0, 20).map(({ name }) => name) },
      });
    } finally {
      await gateway.stop();
    }
  });

  it('says nothing of subscriptions where none is stalled', async () => {
    const gateway = await startInMemoryGateway();
    try {
      expect((await gateway.get('/health/ready')).text).not.toContain('stalled');
    } finally {
      await gateway.stop();
    }
  });
});
