import type { ResolvedAggregateRef } from '@annals/core';
import type { StoredEvent } from './stored-event.ts';

/** All events in the order they were taken, and the ways to find them. */
export class EventLog {
  readonly #events: StoredEvent[] = [];
  readonly #bySequence = new Map<number, StoredEvent>();
  readonly #aggregates = new Map<string, StoredEvent[]>();
  readonly #withoutAggregate = new Map<string, StoredEvent>();
  readonly #typesById = new Map<string, Set<string>>();
  readonly #listeners = new Set<() => void>();
  #lastSequence = 0;
  #bytes = 0;

  constructor(readonly stream: string) {}

  /** All events; grows at its end only. */
  get events(): readonly StoredEvent[] {
    return this.#events;
  }

  get lastSequence(): number {
    return this.#lastSequence;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The aggregate's events: version n is at index n − 1. */
  eventsOf(aggregate: ResolvedAggregateRef): readonly StoredEvent[] {
    return this.#aggregates.get(aggregateKey(aggregate)) ?? [];
  }

  withoutAggregate(tenantId: string, messageId: string): StoredEvent | undefined {
    return this.#withoutAggregate.get(key(tenantId, messageId));
  }

  at(sequence: number): StoredEvent | undefined {
    return this.#bySequence.get(sequence);
  }

  typesOf(tenantId: string, aggregateId: string): readonly string[] {
    return [...(this.#typesById.get(key(tenantId, aggregateId)) ?? [])].sort();
  }

  /** Takes the next sequence for something that is no event, as the marker of an idempotency key does in JetStream. */
  nextSequence(): number {
    return ++this.#lastSequence;
  }

  /** Calls `listener` at each event that is added, before the append returns: it must only take note. @returns what ends that */
  onGrowth(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  add(stored: StoredEvent): void {
    this.#index(stored);
    for (const listener of this.#listeners) listener();
  }

  #index(stored: StoredEvent): void {
    const { tenantId, aggregateType, aggregateId, messageId } = stored.event;
    this.#events.push(stored);
    this.#bySequence.set(stored.sequence, stored);
    this.#bytes += Buffer.byteLength(stored.json);
    if (aggregateType === undefined || aggregateId === undefined) {
      this.#withoutAggregate.set(key(tenantId, messageId), stored);
      return;
    }
    const aggregate = aggregateKey({ tenantId, type: aggregateType, id: aggregateId });
    const events = this.#aggregates.get(aggregate);
    if (events) events.push(stored);
    else this.#aggregates.set(aggregate, [stored]);
    const types = this.#typesById.get(key(tenantId, aggregateId));
    if (types) types.add(aggregateType);
    else this.#typesById.set(key(tenantId, aggregateId), new Set([aggregateType]));
  }
}

function aggregateKey({ tenantId, type, id }: ResolvedAggregateRef): string {
  return key(tenantId, type, id);
}

function key(...names: readonly string[]): string {
  return JSON.stringify(names);
}
