import { type EventRegistry, type RecordedEvent, currentEvents } from '@annals/core';
import { eventBody } from '../read/event-body.ts';

/** Clients choose the names that frames are kept under; beyond so many each makes its own. */
const MAX_SHARED = 32;

/**
 * A stored event on its way to live clients, as the events that it is today: one, unless a migration makes several of it or
 * none. They are serialised once, and the bytes are shared by all who want the same.
 */
export class LiveFrame {
  readonly stream: string;
  readonly sequence: number;
  readonly recordedAt: string;
  readonly #events: readonly RecordedEvent[];
  readonly #shared = new Map<string, readonly Buffer[]>();
  #json: readonly Buffer[] | undefined;

  /**
   * @param cursor of the place behind the event
   * @throws UpcastFailed
   */
  constructor(
    event: RecordedEvent,
    readonly cursor: string,
    registry?: EventRegistry,
  ) {
    this.#events = registry ? currentEvents(registry, [event]) : [event];
    this.stream = event.position.stream;
    this.sequence = event.position.sequence;
    this.recordedAt = event.recordedAt;
  }

  /** Each event as JSON. */
  get json(): readonly Buffer[] {
    return (this.#json ??= this.#events.map((event) => Buffer.from(JSON.stringify(eventBody(event)))));
  }

  get bytes(): number {
    return this.json.reduce((sum, { length }) => sum + length, 0);
  }

  /** What `make` makes, once for all who ask under the same name. */
  shared(name: string, make: () => readonly Buffer[]): readonly Buffer[] {
    const known = this.#shared.get(name);
    if (known !== undefined) return known;
    const made = make();
    if (this.#shared.size < MAX_SHARED) this.#shared.set(name, made);
    return made;
  }
}
