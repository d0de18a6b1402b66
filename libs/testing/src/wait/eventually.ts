import { setTimeout as delay } from 'node:timers/promises';

/** How long to wait, and how often to look. */
export interface EventuallyOptions {
  /** Milliseconds until it gives up; 10,000. */
  readonly deadlineMs?: number;
  /** Milliseconds between two looks; 20. */
  readonly intervalMs?: number;
}

type Falsy = false | 0 | '' | null | undefined;

/**
 * Waits for a condition: calls `look` until it returns something truthy without throwing, and returns that.
 *
 * @throws an error that says what the last look said (as its cause where it threw) when the deadline is over
 * @example
 * const head = await eventually(() => store.head(order));
 */
export async function eventually<T>(
  look: () => T | Promise<T>,
  { deadlineMs = 10_000, intervalMs = 20 }: EventuallyOptions = {},
): Promise<Exclude<Awaited<T>, Falsy>> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    const last = await attempt(look);
    if ('value' in last && last.value) return last.value as Exclude<Awaited<T>, Falsy>;
    if (Date.now() >= deadline) {
      const seen = 'error' in last ? describe(last.error) : `it returned ${String(last.value)}`;
      throw new Error(`Not within ${deadlineMs} ms: ${seen}`, 'error' in last ? { cause: last.error } : undefined);
    }
    await delay(intervalMs);
  }
}

async function attempt<T>(look: () => T | Promise<T>): Promise<{ value: T } | { error: unknown }> {
  try {
    return { value: await look() };
  } catch (error) {
    return { error };
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
