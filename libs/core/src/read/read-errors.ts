import { AnnalsError } from '../error/annals-error.ts';
import { type AggregateRef, describeAggregate } from '../event/aggregate-ref.ts';
import type { Position } from '../event/event-message.ts';

/** A version between stored ones is missing, and no record says why: damage, never silent. */
export class CorruptAggregate extends AnnalsError {
  readonly code = 'corrupt-aggregate';

  constructor(
    readonly aggregate: AggregateRef,
    readonly missingVersion: number,
    readonly foundVersion: number,
  ) {
    super(
      `${describeAggregate(aggregate)} lacks version ${missingVersion} (the next one found is ${foundVersion}): ` +
        'restore it from a backup; appends go on from the head.',
    );
  }
}

/** A message in the log is no event: something else than Annals wrote to the stream, or it is damaged. */
export class CorruptEvent extends AnnalsError {
  readonly code = 'corrupt-event';

  constructor(
    readonly position: Position,
    readonly subject: string,
    reason: string,
    options?: { cause?: unknown },
  ) {
    super(`The message at ${position.stream}:${position.sequence} (${subject}) is no event: ${reason}.`, options);
  }
}

/** A list would hold more events than an array should. */
export class ResultTooLarge extends AnnalsError {
  readonly code = 'result-too-large';

  constructor(
    readonly limit: number,
    /** What to call instead. */
    readonly iterable: string,
  ) {
    super(`More than ${limit} events match: iterate with ${iterable} instead of asking for an array.`);
  }
}

/** The aggregate has no events. */
export class AggregateNotFound extends AnnalsError {
  readonly code = 'aggregate-not-found';

  constructor(readonly aggregate: Partial<AggregateRef>) {
    super(
      `There is no aggregate ${aggregate.type ?? '(any type)'}/${aggregate.id} in tenant ${aggregate.tenantId ?? 'default'}.`,
    );
  }
}
