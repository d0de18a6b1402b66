import {
  type AggregateRef,
  type EventStore,
  type Logger,
  type RecordedEvent,
  type Snapshot,
  checkAggregate,
  describeAggregate,
} from '@annals/core';

/** An aggregate's snapshot if the log holds the history that it was taken of. */
export async function fittingSnapshot<State>(
  store: EventStore,
  aggregate: AggregateRef,
  logger: Logger,
): Promise<Snapshot<State> | undefined> {
  const snapshot = await store.snapshots.get<State>(checkAggregate(aggregate));
  if (!snapshot) return undefined;
  const last = await storedAt(store, aggregate, snapshot.version);
  const isOther = last?.hash !== undefined && snapshot.hash !== undefined && last.hash !== snapshot.hash;
  if (last && !isOther) return snapshot;
  const reason = last ? 'it was taken of another history' : 'there is no such version';
  const what = `the snapshot of ${describeAggregate(snapshot.aggregate)} at version ${snapshot.version}`;
  logger.warn(`${what} is passed over: ${reason}`);
  return undefined;
}

/** An aggregate's event of a version, which is several or none today: the stored one. */
export async function storedAt(
  store: EventStore,
  aggregate: AggregateRef,
  version: number,
): Promise<RecordedEvent | undefined> {
  const events = store.readAggregate(aggregate, { fromVersion: version, toVersion: version });
  let last: RecordedEvent | undefined;
  for await (const event of events) last = event;
  return events.stored ? events.stored.last : last;
}
