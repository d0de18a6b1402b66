import type { RecordedEvent } from '@annals/core';
import { eventBody } from '../read/event-body.ts';

/** Clients choose the names that frames are kept under; beyond so many each makes its own. */
const MAX_SHARED = 32;

/** An event on its way to live clients: it is serialised once, and the bytes are shared by all who want the same. */
export class LiveFrame {
  readonly stream: string;
  readonly sequence: number;
  readonly recordedAt: string;
  readonly #event: RecordedEvent;
  readonly #shared = new Map<string, Buffer>();
  #json: Buffer | undefined;

  /** @param cursor of the place behind the event */
  constructor(
    event: RecordedEvent,
    readonly cursor: string,
  ) {
    this.#event = event;
    this.stream = event.position.stream;
    this.sequence = event.position.sequence;
    this.recordedAt = event.recordedAt;
  }

  /** The event as JSON. */
  get json(): Buffer {
    return (this.#json ??= Buffer.from(JSON.stringify(eventBody(this.#event))));
  }

  /** What `make` makes, once for all who ask under the same name. */
  shared(name: string, make: () => Buffer): Buffer {
    const known = this.#shared.get(name);
    if (known !== undefined) return known;
    const made = make();
    if (this.#shared.size < MAX_SHARED) this.#shared.set(name, made);
    return made;
  }
}
