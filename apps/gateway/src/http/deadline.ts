import { HttpProblem } from '../problem/http-problem.ts';

/**
 * Waits for `work`, but no longer than so many milliseconds. The store has limits of its own below this; this one holds
 * also for what has none, such as a filter that must look at every event.
 *
 * @param onExpired makes another error of the expiry
 * @throws HttpProblem `request-timeout` unless `onExpired` says otherwise
 */
export async function inTime<Result>(
  timeoutMs: number,
  work: Promise<Result>,
  onExpired: () => Error = () => tookTooLong(timeoutMs),
): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(onExpired()), timeoutMs);
  });
  try {
    return await Promise.race([work, expired]);
  } finally {
    clearTimeout(timer);
  }
}

/** As {@link inTime}, for work that can be told by a signal that nobody waits any more. */
export function within<Result>(timeoutMs: number, work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const controller = new AbortController();
  return inTime(timeoutMs, work(controller.signal), () => {
    const error = tookTooLong(timeoutMs);
    controller.abort(error);
    return error;
  });
}

/** What a request whose time is over is answered with. */
export function tookTooLong(timeoutMs: number): HttpProblem {
  return new HttpProblem(
    'request-timeout',
    `The answer took longer than ${timeoutMs} ms: narrow the request down, ` +
      'or ask for application/x-ndjson, which is answered while it is read.',
  );
}
