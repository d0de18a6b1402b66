import { type AggregateRef, type EventStore, foldEvents, isConcurrencyError, type NewEvent } from '@annals/core';
import {
  type Contender,
  type Head,
  type PlacedEvent,
  type ReadAggregate,
  type ReadSummary,
  VersionConflict,
} from '../contender/contender.ts';
import { QuantitySum } from '../contender/quantity.ts';
import { SAMPLE_AGGREGATE_TYPE } from '../event/sample-event.ts';

/** What a store may tell of its commits beside the port. */
interface CountsCommits {
  commitCounts(): ReadonlyMap<string, Readonly<Record<string, number>>>;
}

/** Any implementation of the store's port, called whole: validation, ids, hash chain and codec included. */
export class StoreContender implements Contender {
  constructor(
    private readonly store: EventStore,
    /** Whether `read` may use the store's cache. */
    private readonly cached: boolean,
  ) {}

  async append(aggregateId: string, head: Head, events: readonly NewEvent[]): Promise<Head> {
    try {
      const result = await this.store.append(aggregate(aggregateId), events, { expectedVersion: head.version });
      const { version, position } = result.heads[0]!;
      return { version, sequence: position.sequence };
    } catch (error) {
      if (!isConcurrencyError(error)) throw error;
      throw new VersionConflict(aggregateId, head.version, { version: error.actualVersion, sequence: 0 });
    }
  }

  async read(aggregateId: string): Promise<ReadAggregate> {
    const loaded = await this.store.load(aggregate(aggregateId), { cache: this.cached });
    const found = new QuantitySum();
    for (const event of loaded.events) found.add(event);
    return { found, head: { version: loaded.version, sequence: loaded.events.at(-1)?.position.sequence ?? 0 } };
  }

  async fold(aggregateId: string): Promise<ReadSummary> {
    const ref = aggregate(aggregateId);
    const { state } = await foldEvents(ref, this.store.readAggregate(ref), new QuantitySum(), (sum, event) => {
      sum.add(event);
      return sum;
    });
    return state;
  }

  async scan(): Promise<ReadSummary> {
    const sum = new QuantitySum();
    for await (const event of this.store.readAll()) sum.add(event);
    return sum;
  }

  async fill(events: readonly PlacedEvent[]): Promise<void> {
    await Promise.all(
      events.map(({ aggregateId, version, event }) =>
        this.store.append(aggregate(aggregateId), event, { expectedVersion: version - 1 }),
      ),
    );
  }

  async settle(): Promise<void> {}

  count(): Promise<number> {
    return this.store.count();
  }

  details(): Readonly<Record<string, number>> {
    const sums: Record<string, number> = {};
    if (!countsCommits(this.store)) return sums;
    for (const counts of this.store.commitCounts().values()) {
      for (const [name, value] of Object.entries(counts)) {
        sums[name] = name.startsWith('largest') ? Math.max(sums[name] ?? 0, value) : (sums[name] ?? 0) + value;
      }
    }
    return sums;
  }

  close(): Promise<void> {
    return this.store.close();
  }
}

function aggregate(id: string): AggregateRef {
  return { type: SAMPLE_AGGREGATE_TYPE, id };
}

function countsCommits(store: EventStore): store is EventStore & CountsCommits {
  return typeof (store as Partial<CountsCommits>).commitCounts === 'function';
}
