import { createInMemoryStore } from '@annals/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { EventStore } from '@annals/core';
import { StoreContender } from '../annals/store-contender.ts';
import { SAMPLE_AGGREGATE_TYPE, sampleEvent } from '../event/sample-event.ts';
import { StoreSubscriber } from '../subscribe/store-subscriber.ts';
import { fillStore } from './fill-store.ts';
import { runTask } from './run-task.ts';
import type { Fill, Task } from './task.ts';

const FILL: Fill = { aggregates: 7, eventsPerAggregate: 10, large: 230 };
const EMPTY: Fill = { aggregates: 0, eventsPerAggregate: 10, large: 0 };

const LARGE = { type: SAMPLE_AGGREGATE_TYPE, id: 'large', tenantId: 'default' };
const LOADS = { limit: { seconds: 20, operations: 4 }, label: 'x' };

describe('tasks', () => {
  let store: EventStore;
  let contender: StoreContender;

  beforeEach(() => {
    store = createInMemoryStore();
    contender = new StoreContender(store, false);
  });

  afterEach(() => store.close());

  const run = (task: Task, operations: number, fill = EMPTY) =>
    runTask({ contender }, task, { limit: { seconds: 20, operations }, label: 'x', fill });

  const subscribe = (handlerMs: number, operations: number, seconds = 20) =>
    runTask(
      { subscriber: new StoreSubscriber(store, 'shared') },
      { kind: 'subscribe', by: 'shared', handlerMs },
      { limit: { seconds, operations }, label: 'x', fill: FILL },
    );

  it('append events of as many aggregates as there are writers, full ones followed by new ones', async () => {
    const task: Task = { kind: 'append', inFlight: 4, eventsPerAppend: 2, appendsPerAggregate: 3 };
    const result = await run(task, 48);
    expect(result).toMatchObject({ operations: 48, events: 96, written: 96 });
    expect(result.latencies.append?.operations).toBe(48);
    const versions: number[] = [];
    for await (const { version } of store.readAll()) versions.push(version!);
    expect(versions).toHaveLength(96);
    expect(Math.max(...versions)).toBe(6);
    expect(versions.filter((version) => version === 1)).toHaveLength(16);
  });

  it('bring every event of contending writers into one aggregate, and count their conflicts', async () => {
    const result = await run({ kind: 'contend', writers: 8 }, 40);
    expect(result).toMatchObject({ operations: 40, written: 40 });
    expect(result.counts.conflicts).toBeGreaterThan(0);
    expect(await store.currentVersion({ type: SAMPLE_AGGREGATE_TYPE, id: 'x-contended' })).toBe(40);
  });

  it('read, fold and scan what was filled in', async () => {
    const progress: number[] = [];
    await fillStore(contender, FILL, (events) => progress.push(events));
    expect(progress.at(-1)).toBe(300);
    expect(await contender.count()).toBe(300);
    expect(await run({ kind: 'read', inFlight: 3 }, 20, FILL)).toMatchObject({ operations: 20, events: 200 });
    expect(await run({ kind: 'fold' }, 2, FILL)).toMatchObject({ operations: 2, events: 460 });
    expect(await run({ kind: 'scan' }, 2, FILL)).toMatchObject({ operations: 2, events: 600, written: 0 });
    const entity = await run({ kind: 'entity', operations: 15 }, 1_000, FILL);
    expect(entity).toMatchObject({ operations: 15, written: 15 });
    expect(Object.keys(entity.latencies)).toEqual(['read', 'append']);
  });

  it('fail when a reader finds something else than was written', async () => {
    await fillStore(contender, FILL, () => {});
    await contender.append('intruder', { version: 0, sequence: 0 }, [sampleEvent(1)]);
    await expect(run({ kind: 'scan' }, 1, FILL)).rejects.toThrow('A scan: found {"events":301');
    const other = { ...FILL, eventsPerAggregate: 9 };
    await expect(run({ kind: 'read', inFlight: 1 }, 1, other)).rejects.toThrow('found {"events":10');
  });

  it('hand everything to subscriptions, one after the other', async () => {
    await fillStore(contender, FILL, () => {});
    const subscribed = await subscribe(0, 3);
    expect(subscribed).toMatchObject({ operations: 3, events: 900, written: 0 });
    expect(subscribed.latencies.pass?.operations).toBe(3);
    expect(await store.subscriptions.list()).toEqual([]);
  });

  it('hand a slow subscription what it can bear until the time is over', async () => {
    await fillStore(contender, FILL, () => {});
    const { operations, events, seconds, counts } = await subscribe(30, 10, 0.2);
    expect(operations).toBe(1);
    expect(seconds).toBeGreaterThan(0.15);
    expect(events).toBeLessThan(300);
    expect(counts.inHandPeak).toBeGreaterThan(0);
  });

  it('fail when a subscription is handed other events than were written', async () => {
    await fillStore(contender, FILL, () => {});
    await contender.append('intruder', { version: 0, sequence: 0 }, [sampleEvent(1)]);
    await expect(subscribe(0, 1)).rejects.toThrow('A subscription: found {"events":30');
  });

  it('load aggregates by folding them, and a long one by its oldest snapshot', async () => {
    await fillStore(contender, FILL, () => {});
    const load = (aggregate: 'filled' | 'large', snapshots: boolean) =>
      runTask({ store }, { kind: 'load', aggregate, snapshots }, { ...LOADS, fill: FILL });
    expect(await load('filled', false)).toMatchObject({ operations: 4, events: 40 });
    expect(await load('large', false)).toMatchObject({ operations: 4, events: 920 });
    expect(await store.snapshots.get(LARGE)).toBeUndefined();
    expect(await load('large', true)).toMatchObject({ operations: 4, events: 400 });
    expect(await store.snapshots.get(LARGE)).toMatchObject({ version: 131, state: { events: 131 } });
  });

  it('fail when a snapshot is not used', async () => {
    await fillStore(contender, FILL, () => {});
    const takenAt = new Date().toISOString();
    await store.snapshots.put({ aggregate: LARGE, version: 131, state: {}, stateVersion: 2, takenAt });
    const task: Task = { kind: 'load', aggregate: 'large', snapshots: true };
    await expect(runTask({ store }, task, { ...LOADS, fill: FILL })).rejects.toThrow('Warnings while large was loaded');
  });

  it.each(['declarative', 'function'] as const)('bring old events up to date by %s migrations', async (form) => {
    for (const steps of [1, 2, 3]) {
      const result = await runTask({ memory: true }, { kind: 'upcast', form, steps }, { ...LOADS, fill: EMPTY });
      expect(result).toMatchObject({ operations: 4, events: 4_000, written: 0, counts: { steps } });
      expect(result.latencies.step?.p50).toBeGreaterThan(0);
    }
  });

  it('refuse to be measured by what they are not for', () => {
    expect(() => run({ kind: 'history', perSecond: 1 }, 1)).toThrow("'history' needs a gatewayUrl");
    expect(() => run({ kind: 'load', aggregate: 'large', snapshots: true }, 1)).toThrow("'load' needs a store");
  });
});
