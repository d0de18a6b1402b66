import { setTimeout as pause } from 'node:timers/promises';

/** Waits for something, but not longer than so many milliseconds: a stop must not hang on a server that is away. */
export async function within(timeoutMs: number, what: Promise<unknown>): Promise<void> {
  const ended = new AbortController();
  try {
    await Promise.race([what, pause(timeoutMs, undefined, { signal: ended.signal })]);
  } finally {
    ended.abort();
  }
}
