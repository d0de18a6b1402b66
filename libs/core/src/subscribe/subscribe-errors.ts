import { AnnalsError } from '../error/annals-error.ts';

/** There is no subscription of that name. */
export class SubscriptionNotFound extends AnnalsError {
  readonly code = 'subscription-not-found';

  constructor(readonly subscription: string) {
    super(`there is no subscription ${subscription}: a service makes it when it subscribes, or create it`);
  }
}

/** A subscription cannot be as it is wanted beside what is there. */
export class SubscriptionConflict extends AnnalsError {
  readonly code = 'subscription-conflict';

  constructor(
    readonly subscription: string,
    reason: string,
  ) {
    super(`subscription ${subscription} ${reason}`);
  }
}

/** A handler took longer than it may. */
export class HandlerTimedOut extends AnnalsError {
  readonly code = 'handler-timed-out';
  override readonly retryable = true;

  constructor(
    readonly subscription: string,
    /** Milliseconds. */
    readonly timeoutMs: number,
  ) {
    super(
      `the handler of ${subscription} took longer than ${timeoutMs} ms: raise handlerTimeoutMs, or call context.extend()`,
    );
  }
}
