import { AnnalsError } from '../error/annals-error.ts';
import { type AggregateRef, describeAggregate } from '../event/aggregate-ref.ts';
import type { Position, RecordedEvent } from '../event/event-message.ts';

/** A reducer threw, or broke its contract. */
export class ReducerFailed extends AnnalsError {
  readonly code = 'reducer-failed';
  readonly eventType: string;
  readonly version: number | undefined;
  readonly position: Position;

  constructor(
    readonly aggregate: AggregateRef,
    event: RecordedEvent,
    reason: string,
    options?: { cause?: unknown },
  ) {
    super(
      `The reducer failed on ${event.type} (version ${event.version}, ${event.position.stream}:${event.position.sequence}) ` +
        `of ${describeAggregate(aggregate)}: ${reason}.`,
      options,
    );
    this.eventType = event.type;
    this.version = event.version;
    this.position = event.position;
  }
}

/** True for promises and whatever else has a `then`. */
export function isThenable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
