import type { EventFilter, EventStore, FollowOptions, RecordedEvent } from '@annals/core';

/** Somebody who follows a store, and what they got. */
export class Follower {
  readonly events: RecordedEvent[] = [];
  /** How many events were there at each call of `onCaughtUp`. */
  readonly caughtUpAt: number[] = [];
  /** Fulfilled when the following ends by itself, rejected with its error. */
  readonly ended: Promise<void>;
  readonly #left = new AbortController();

  constructor(store: EventStore, filter: EventFilter, options: FollowOptions = {}) {
    const signal = options.signal ? AbortSignal.any([options.signal, this.#left.signal]) : this.#left.signal;
    const onCaughtUp = () => this.caughtUpAt.push(this.events.length);
    this.ended = this.#follow(store.follow(filter, { ...options, signal, onCaughtUp }));
    // Whoever waits for the end is told; who does not must not end the process.
    this.ended.catch(() => {});
  }

  /** The numbers in the events' data. */
  get numbers(): number[] {
    return this.events.map(({ data }) => (data as { n: number }).n);
  }

  get caughtUp(): boolean {
    return this.caughtUpAt.length > 0;
  }

  async leave(): Promise<void> {
    this.#left.abort(new Error('the follower left'));
    await this.ended.catch(() => {});
  }

  async #follow(events: AsyncIterable<RecordedEvent>): Promise<void> {
    for await (const event of events) this.events.push(event);
  }
}
