import { AnnalsError, isAnnalsError } from '../error/annals-error.ts';
import { type AggregateRef, describeAggregate } from '../event/aggregate-ref.ts';
import type { ExpectedVersion } from './expected-version.ts';

/** The aggregate's head is not what the writer expected. Nothing was written. */
export class ConcurrencyError extends AnnalsError {
  readonly code = 'concurrency-conflict';

  constructor(
    readonly aggregate: AggregateRef,
    readonly expectedVersion: ExpectedVersion,
    /** The head's version as the leader tells it; 0 when the aggregate has no event. */
    readonly actualVersion: number,
  ) {
    super(
      `${describeAggregate(aggregate)} is at version ${actualVersion}, expected was ${expectedVersion}: ` +
        'load it again, decide anew and append with the new version.',
    );
  }
}

/** True for {@link ConcurrencyError}. */
export function isConcurrencyError(error: unknown): error is ConcurrencyError {
  return isAnnalsError(error) && error.code === 'concurrency-conflict';
}

/**
 * The server did not say whether the append landed, and reading back did not tell either: it may still land.
 * Repeating it with the same message ids (or idempotency key) is safe.
 */
export class AppendOutcomeUnknown extends AnnalsError {
  readonly code = 'append-outcome-unknown';
  override readonly retryable = true;

  constructor(
    /** The ids to repeat the append with, in order. */
    readonly messageIds: readonly string[],
    options?: { cause?: unknown },
  ) {
    super(
      'The outcome of the append is unknown: it may still land. ' +
        'Repeat it with the same message ids, which is safe, to learn what became of it.',
      options,
    );
  }
}

/** True for {@link AppendOutcomeUnknown}. */
export function isAppendOutcomeUnknown(error: unknown): error is AppendOutcomeUnknown {
  return isAnnalsError(error) && error.code === 'append-outcome-unknown';
}

/** Too many appends wait for the server. Nothing of this one was sent. */
export class Overloaded extends AnnalsError {
  readonly code = 'overloaded';
  override readonly retryable = true;

  constructor(
    readonly pendingEvents: number,
    readonly pendingBytes: number,
  ) {
    super(`${pendingEvents} events (${pendingBytes} bytes) already wait to be appended: slow down and try again.`);
  }
}

/** The idempotency key was used before, for other content. */
export class IdempotencyKeyReused extends AnnalsError {
  readonly code = 'idempotency-key-reused';

  constructor(readonly idempotencyKey: string) {
    super(`The idempotency key ${JSON.stringify(idempotencyKey)} was used for other events before: take a new key.`);
  }
}

/** An event is larger than the server takes. */
export class PayloadTooLarge extends AnnalsError {
  readonly code = 'payload-too-large';

  constructor(
    readonly limitBytes: number,
    readonly actualBytes: number,
    /** Which event of the append, from 0. */
    readonly index: number,
  ) {
    super(
      `Event ${index} takes ${actualBytes} bytes, the server accepts ${limitBytes}: ` +
        'store large content elsewhere and put a reference to it in the event.',
    );
  }
}

/** More events in one atomic append than the server takes. */
export class BatchTooLarge extends AnnalsError {
  readonly code = 'batch-too-large';

  constructor(
    readonly limit: number,
    readonly actual: number,
  ) {
    super(`${actual} events in one append, at most ${limit} are possible: split it.`);
  }
}

/** An atomic append would touch several streams. */
export class CrossStreamAppend extends AnnalsError {
  readonly code = 'cross-stream-append';

  constructor(readonly streams: readonly string[]) {
    super(
      `An append is atomic within one stream only, this one touches ${streams.join(', ')}: ` +
        'append to each separately, or put the aggregate types into one stream.',
    );
  }
}
