import { AggregateRepository, type EventStore, type Logger, silentLogger } from '@annals/core';
import { SNAPSHOT_EVERY, sampleAggregate } from '../aggregate/sample-aggregate.ts';
import { closedLoop } from '../load/closed-loop.ts';
import { Latencies } from '../load/latencies.ts';
import { SAMPLE_AGGREGATE_TYPE } from '../event/sample-event.ts';
import { aggregateId, filledAggregate, filledLarge, LARGE_AGGREGATE } from './fill-store.ts';
import { picker } from './pick.ts';
import { type Task, type TaskResult, type TaskRun, WrongContent } from './task.ts';

/** Loads aggregates one after the other, each by a repository of its own and past the store's cache. */
export async function runLoadTask(
  store: EventStore,
  { aggregate, snapshots }: Extract<Task, { kind: 'load' }>,
  { limit, label, fill }: TaskRun,
): Promise<TaskResult> {
  const latencies = new Latencies();
  const uncached = withoutCache(store);
  const definition = sampleAggregate(snapshots);
  const warnings: string[] = [];
  const logger: Logger = { ...silentLogger, warn: (message) => void warnings.push(message) };
  const load = (id: string) =>
    new AggregateRepository(uncached, definition, { snapshots: store.snapshots, logger }).load(id);
  const pick = picker(fill.aggregates, label);
  const large = filledLarge(fill);
  if (snapshots) await keepOldestSnapshot(store, large.events);
  const seconds = await closedLoop(1, limit, async () => {
    const index = pick();
    const [id, expected] =
      aggregate === 'large' ? [LARGE_AGGREGATE, large] : [aggregateId(index), filledAggregate(fill, index)];
    const startedAt = performance.now();
    const { state, version } = await load(id);
    latencies.add(performance.now() - startedAt);
    if (version !== expected.events || state.quantity !== expected.quantity || state.events !== expected.events) {
      throw new WrongContent(`The state of ${id}`, { ...state, version }, expected);
    }
    // One that was passed over shows in nothing but time.
    if (warnings.length > 0) throw new WrongContent(`Warnings while ${id} was loaded`, warnings, []);
  });
  const operations = latencies.operations;
  const whole = aggregate === 'large' ? large.events : fill.eventsPerAggregate;
  // With a snapshot: the event that it was taken at and those behind it.
  const events = operations * (snapshots ? Math.min(whole, SNAPSHOT_EVERY) : whole);
  return { operations, events, written: 0, seconds, latencies: { load: latencies.summary() }, counts: {} };
}

/** The snapshot as it stands just before the next one is due: no other leaves more events to fold. */
async function keepOldestSnapshot(store: EventStore, events: number): Promise<void> {
  const ref = { type: SAMPLE_AGGREGATE_TYPE, id: LARGE_AGGREGATE, tenantId: 'default' };
  const version = events - SNAPSHOT_EVERY + 1;
  const definition = sampleAggregate(true);
  const { state } = await new AggregateRepository(store, definition).loadAt(ref.id, { version });
  let hash: string | undefined;
  for await (const event of store.readAggregate(ref, { fromVersion: version, toVersion: version })) hash = event.hash;
  const takenAt = new Date().toISOString();
  await store.snapshots.put({ aggregate: ref, version, state, stateVersion: definition.stateVersion, takenAt, hash });
}

/** The store, whose `load` reads everything anew. */
function withoutCache(store: EventStore): EventStore {
  return new Proxy(store, {
    get(target, key) {
      if (key === 'load') return (...[ref, options]: Parameters<EventStore['load']>) => load(ref, options);
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  function load(...[ref, options]: Parameters<EventStore['load']>): ReturnType<EventStore['load']> {
    return store.load(ref, { ...options, cache: false });
  }
}
