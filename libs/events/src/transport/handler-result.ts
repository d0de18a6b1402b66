import type { Observable } from 'rxjs';
import type { EventContext } from './event-context.ts';

/** Waits until an observable completes; lets go of it when the attempt ends otherwise. */
export function drained(result: Observable<unknown>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      subscription.unsubscribe();
      reject(signal.reason as Error);
    };
    const end = (settle: () => void): void => {
      signal.removeEventListener('abort', leave);
      settle();
    };
    signal.addEventListener('abort', leave, { once: true });
    const subscription = result.subscribe({
      error: (error: unknown) => end(() => reject(error as Error)),
      complete: () => end(resolve),
    });
    if (signal.aborted) leave();
  });
}

/**
 * Why an attempt failed. Where Nest's exception handling put a plain object in place of an error, the error that was noted
 * in the context, else one with the object's message.
 */
export function failureOf(thrown: unknown, context: EventContext): unknown {
  if (thrown instanceof Error) return thrown;
  const { message, deadLetter } = (typeof thrown === 'object' && thrown !== null ? thrown : {}) as {
    message?: unknown;
    deadLetter?: unknown;
  };
  const cause = context.failure;
  if (deadLetter !== true && cause !== undefined) return cause;
  const text = typeof message === 'string' ? message : typeof thrown === 'string' ? thrown : 'the handler failed';
  return Object.assign(new Error(text, { cause: cause ?? thrown }), deadLetter === true && { deadLetter });
}
