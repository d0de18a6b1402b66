import { AnnalsError } from '../error/annals-error.ts';
import { type AggregateRef, describeAggregate } from '../event/aggregate-ref.ts';

/** A decider broke its contract. A decider that refuses a command throws an error of its own, which is passed on. */
export class DeciderFailed extends AnnalsError {
  readonly code = 'decider-failed';

  constructor(
    readonly aggregate: AggregateRef,
    reason: string,
  ) {
    super(`The decider failed for ${describeAggregate(aggregate)}: ${reason}.`);
  }
}
