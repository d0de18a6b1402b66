import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import {
  type EventFilter,
  type EventRegistry,
  type EventStore,
  type RecordedEvent,
  StoreUnavailable,
  isAnnalsError,
  storedEvents,
} from '@annals/core';
import type { Logger } from 'pino';
import { LiveFrame } from './live-frame.ts';
import { LivePositions } from './live-positions.ts';

/** Who is given the events of a hub. */
export interface HubMember {
  /** The next event, in order. Must not throw. */
  take(frame: LiveFrame): void;
  /** There will be no more. */
  fail(error: unknown): void;
}

/** What a hub needs. */
export interface HubSurroundings {
  /** The open store. @throws StoreUnavailable */
  readonly store: () => EventStore;
  readonly logger: Logger;
}

/** After so many handed out events others have their turn. */
const DELIVERIES_A_TURN = 500;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Follows the store by one filter, from the moment it was opened, for all clients who want the same: one consumer of the
 * server however many they are, and each event is serialised once.
 */
export class LiveHub {
  /** Every event that matches at or below was handed out, or is older than the hub. */
  readonly positions: LivePositions;
  readonly #members = new Set<HubMember>();
  readonly #closing = new AbortController();
  #ended = false;

  private constructor(
    readonly filter: EventFilter,
    start: LivePositions,
    private readonly surroundings: HubSurroundings,
  ) {
    this.positions = start;
    void this.#follow();
  }

  /** @throws StoreUnavailable */
  static async open(filter: EventFilter, surroundings: HubSurroundings): Promise<LiveHub> {
    const { state, reason, streams } = await surroundings.store().status();
    if (state !== 'ready') throw new StoreUnavailable(reason ?? `the store is ${state}`);
    const places = streams.map(({ name, lastSequence }) => ({ stream: name, sequence: lastSequence }));
    return new LiveHub(filter, new LivePositions(places), surroundings);
  }

  /** True when it will hand out no more. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The member is given every event that comes behind the hub's positions of this moment. */
  join(member: HubMember): void {
    this.#members.add(member);
  }

  leave(member: HubMember): void {
    this.#members.delete(member);
  }

  close(): void {
    this.#closing.abort();
  }

  async #follow(): Promise<void> {
    const { signal } = this.#closing;
    for (let pauseMs = FIRST_PAUSE_MS; !signal.aborted; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      try {
        const from = { after: this.positions.list() };
        const onCaughtUp = (): void => void (pauseMs = FIRST_PAUSE_MS);
        const { store, registry } = storedEvents(this.surroundings.store());
        await this.#handOut(store.follow(this.filter, { from, signal, onCaughtUp }), registry);
      } catch (error) {
        if (signal.aborted) break;
        if (!isPassing(error)) return this.#fail(error);
        this.surroundings.logger.warn({ filter: this.filter, err: error }, 'live events are interrupted, trying again');
      }
      await pause(pauseMs, undefined, { signal }).catch(() => {});
    }
    this.#ended = true;
  }

  async #handOut(events: AsyncIterable<RecordedEvent>, registry: EventRegistry | undefined): Promise<void> {
    let deliveries = 0;
    for await (const event of events) {
      this.positions.advance(event.position.stream, event.position.sequence);
      const frame = new LiveFrame(event, this.positions.cursor, registry);
      for (const member of this.#members) member.take(frame);
      deliveries += this.#members.size;
      if (deliveries < DELIVERIES_A_TURN) continue;
      deliveries = 0;
      await turn();
    }
  }

  #fail(error: unknown): void {
    this.#ended = true;
    const members = [...this.#members];
    this.#members.clear();
    for (const member of members) member.fail(error);
  }
}

/** Worth trying again: what is wrong is not in the events. */
function isPassing(error: unknown): boolean {
  return isAnnalsError(error) && error.code === 'store-unavailable';
}
