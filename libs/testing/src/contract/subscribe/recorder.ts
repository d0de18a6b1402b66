import { type EventHandler, type HandlerContext, type RecordedEvent, laneOf } from '@annals/core';

/** One call of a handler. */
export interface Delivery {
  readonly event: RecordedEvent;
  /** The number in the event's data. */
  readonly n: number;
  readonly attempt: number;
  readonly cause: HandlerContext['cause'];
  /** When the handler was called, by `performance.now()`. */
  readonly atMs: number;
}

/** A handler that notes what it gets, when, and how much at the same time. */
export class Recorder {
  /** Every call, as it came. */
  readonly deliveries: Delivery[] = [];
  /** Calls that ended without an error. */
  readonly done: Delivery[] = [];
  /** Calls of one aggregate's events that ran at the same time. */
  readonly overlaps: Delivery[] = [];
  running = 0;
  mostRunning = 0;
  readonly #lanes = new Map<string, number>();

  /** @param act what the handler does; nothing unless given */
  constructor(private readonly act: EventHandler = () => {}) {}

  get numbers(): number[] {
    return this.deliveries.map(({ n }) => n);
  }

  get sorted(): number[] {
    return this.numbers.sort((a, b) => a - b);
  }

  /** The numbers that came of one aggregate, in their order. */
  numbersOf(aggregateId: string): number[] {
    return this.deliveries.filter(({ event }) => event.aggregateId === aggregateId).map(({ n }) => n);
  }

  /** Acts in the same tick where `act` does: handlers without promises must be tried, too. */
  readonly handler: EventHandler = (event, context) => {
    const { attempt, cause } = context;
    const delivery = { event, n: (event.data as { n: number }).n, attempt, cause, atMs: performance.now() };
    this.#begin(delivery);
    let result: unknown;
    try {
      result = this.act(event, context);
    } catch (error) {
      this.#end(delivery, false);
      throw error;
    }
    if (!(result instanceof Promise)) {
      this.#end(delivery, true);
      return result;
    }
    return result.then(
      () => this.#end(delivery, true),
      (error: unknown) => {
        this.#end(delivery, false);
        throw error;
      },
    );
  };

  #begin(delivery: Delivery): void {
    this.deliveries.push(delivery);
    this.mostRunning = Math.max(this.mostRunning, ++this.running);
    const lane = laneOf(delivery.event);
    const before = this.#lanes.get(lane) ?? 0;
    if (before > 0) this.overlaps.push(delivery);
    this.#lanes.set(lane, before + 1);
  }

  #end(delivery: Delivery, done: boolean): void {
    this.running--;
    const lane = laneOf(delivery.event);
    this.#lanes.set(lane, this.#lanes.get(lane)! - 1);
    if (done) this.done.push(delivery);
  }
}
