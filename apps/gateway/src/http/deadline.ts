import { HttpProblem } from '../problem/http-problem.ts';

/**
 * Gives `work` so many milliseconds. The store has limits of its own below this; this one holds also for what has none,
 * such as a filter that must look at every event.
 *
 * @param work told by its signal when nobody waits any more
 * @param onExpired makes another error of the expiry
 * @throws HttpProblem `request-timeout` unless `onExpired` says otherwise
 */
export async function within<Result>(
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<Result>,
  onExpired: () => Error = () => tookTooLong(timeoutMs),
): Promise<Result> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = onExpired();
      controller.abort(error);
      reject(error);
    }, timeoutMs);
  });
  try {
    return await Promise.race([work(controller.signal), expired]);
  } finally {
    clearTimeout(timer);
  }
}

/** What a request whose time is over is answered with. */
export function tookTooLong(timeoutMs: number): HttpProblem {
  return new HttpProblem(
    'request-timeout',
    `The answer took longer than ${timeoutMs} ms: narrow the request down, ` +
      'or ask for application/x-ndjson, which is answered while it is read.',
  );
}
