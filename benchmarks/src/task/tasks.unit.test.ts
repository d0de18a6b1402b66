import { createInMemoryStore } from '@annals/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { EventStore } from '@annals/core';
import { StoreContender } from '../annals/store-contender.ts';
import { SAMPLE_AGGREGATE_TYPE, sampleEvent } from '../event/sample-event.ts';
import { fillStore } from './fill-store.ts';
import { runTask } from './run-task.ts';
import type { Fill, Task } from './task.ts';

const FILL: Fill = { aggregates: 7, eventsPerAggregate: 10, large: 230 };
const EMPTY: Fill = { aggregates: 0, eventsPerAggregate: 10, large: 0 };

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

  it('refuse to be measured by what is for the gateway only', () => {
    expect(() => run({ kind: 'history', perSecond: 1 }, 1)).toThrow(TypeError);
  });
});
