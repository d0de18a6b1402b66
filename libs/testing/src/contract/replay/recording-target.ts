import {
  type RecordedEvent,
  type ReplayOutcome,
  type ReplaySink,
  type ReplaySinkFactory,
  ReplayTargetRefused,
  type ReplayTarget,
} from '@annals/core';

/** Says why an event is not taken; undefined takes it. */
export type TakeEvent = (event: RecordedEvent, signal: AbortSignal) => Promise<string | undefined> | string | undefined;

/** A webhook that is not there is refused. */
export const REFUSED_URL = 'https://refused.example/';

/** Takes what replays hand over to webhooks, by address. */
export class RecordingTarget implements ReplaySinkFactory {
  readonly #events = new Map<string, RecordedEvent[]>();
  readonly #takers = new Map<string, TakeEvent>();

  /** What came to an address, in the order in which it came. */
  received(url: string): readonly RecordedEvent[] {
    return this.#events.get(url) ?? [];
  }

  /** The number in the data of each event that came. */
  numbers(url: string): number[] {
    return this.received(url).map(({ data }) => (data as { n: number }).n);
  }

  answer(url: string, take: TakeEvent): void {
    this.#takers.set(url, take);
  }

  async check(target: ReplayTarget): Promise<void> {
    if (urlOf(target) === REFUSED_URL) throw new ReplayTargetRefused('nobody is there');
  }

  async open({ target }: { readonly target: ReplayTarget }): Promise<ReplaySink> {
    const url = urlOf(target);
    return {
      deliver: (events, signal) => this.#deliver(url, events, signal),
      async close() {},
    };
  }

  async *#deliver(url: string, events: readonly RecordedEvent[], signal: AbortSignal): AsyncGenerator<ReplayOutcome> {
    for (const event of events) {
      if (signal.aborted) return;
      const failure = await this.#takers.get(url)?.(event, signal);
      if (failure === undefined) this.#events.set(url, [...this.received(url), event]);
      yield { failure };
    }
  }
}

function urlOf(target: ReplayTarget): string {
  if (target.type !== 'webhook') throw new ReplayTargetRefused(`a ${target.type} is none of ours`);
  return target.url;
}
