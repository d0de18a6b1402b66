import { AnnalsError, isAnnalsError } from './annals-error.ts';

/** The server cannot be reached or did not answer in time; the call did nothing, or only read. */
export class StoreUnavailable extends AnnalsError {
  readonly code = 'store-unavailable';
  override readonly retryable = true;

  constructor(reason: string, options?: { cause?: unknown }) {
    super(
      `The event store is not available: ${reason}. Try again, and see the health of nats-server if it lasts.`,
      options,
    );
  }
}

/** The store was closed by its owner. */
export class StoreClosed extends AnnalsError {
  readonly code = 'store-closed';

  constructor() {
    super('The event store is closed; open a new one.');
  }
}

/** True for {@link StoreUnavailable}. */
export function isStoreUnavailable(error: unknown): error is StoreUnavailable {
  return isAnnalsError(error) && error.code === 'store-unavailable';
}
