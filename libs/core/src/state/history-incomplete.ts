import { AnnalsError } from '../error/annals-error.ts';
import { type AggregateRef, describeAggregate } from '../event/aggregate-ref.ts';

/** Retention took an aggregate's oldest events, so its state cannot be rebuilt from an initial one. */
export class HistoryIncomplete extends AnnalsError {
  readonly code = 'history-incomplete';

  constructor(
    readonly aggregate: AggregateRef,
    /** The oldest version still stored. */
    readonly retainedFromVersion: number,
  ) {
    super(
      `${describeAggregate(aggregate)} is stored from version ${retainedFromVersion} only, retention took what was before: ` +
        'its state cannot be rebuilt from the initial one. Where the remaining events are enough, say so with allowIncomplete: true.',
    );
  }
}
