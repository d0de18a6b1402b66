import { type EventStore, HistoryIncomplete, type AggregateEvents, type RecordedEvent } from '@annals/core';
import type { ResolvedAggregateRef } from '@annals/core';

/** What a fold of a request is bounded by. */
export interface FoldBounds {
  readonly signal: AbortSignal;
  /** Throws when the time for the answer is over: folding long aggregates leaves timers no turn. */
  readonly checkTime: () => void;
}

/** Reads an aggregate's events for a fold within its bounds, and remembers where it ended. */
export class EventsToFold {
  #source: AggregateEvents | undefined;
  #last: RecordedEvent | undefined;

  constructor(
    private readonly store: EventStore,
    readonly aggregate: ResolvedAggregateRef,
    private readonly bounds: FoldBounds,
    private readonly allowIncomplete: boolean,
  ) {}

  /** The last stored event that was read: a migration may have made none of it. */
  get last(): RecordedEvent | undefined {
    return this.#source?.stored ? this.#source.stored.last : this.#last;
  }

  get retainedFromVersion(): number | undefined {
    return this.#source?.retainedFromVersion;
  }

  /** All events up to a moment; all unless one is given. @throws HistoryIncomplete while iterating */
  async *upTo(moment: { readonly version: number } | { readonly asOf: string } | undefined) {
    const { signal } = this.bounds;
    const source =
      moment && 'asOf' in moment
        ? this.store.readAt(this.aggregate, moment.asOf, { signal })
        : this.store.readAggregate(this.aggregate, { signal, ...(moment && { toVersion: moment.version }) });
    for await (const event of this.#reading(source)) {
      this.#refuseIncomplete();
      yield event;
    }
    this.#refuseIncomplete();
  }

  /** As the store's own method, for folds that begin with a snapshot. */
  readAggregate(options: { readonly fromVersion?: number | undefined }): AggregateEvents {
    const source = this.store.readAggregate(this.aggregate, { ...options, signal: this.bounds.signal });
    const reading = this.#reading(source);
    return {
      [Symbol.asyncIterator]: () => reading,
      get retainedFromVersion() {
        return source.retainedFromVersion;
      },
      get stored() {
        return source.stored!;
      },
    };
  }

  async *#reading(source: AggregateEvents): AsyncGenerator<RecordedEvent, void, undefined> {
    this.#source = source;
    this.#last = undefined;
    for await (const event of source) {
      this.bounds.checkTime();
      this.#last = event;
      yield event;
    }
  }

  #refuseIncomplete(): void {
    const { retainedFromVersion } = this;
    if (retainedFromVersion === undefined || this.allowIncomplete) return;
    throw new HistoryIncomplete(this.aggregate, retainedFromVersion);
  }
}
