import type { DeadLetter, DeadLetterSelection, EventStore } from '@annals/core';

/** Letters that a stream holds in memory at once: each has a whole event. */
const STREAM_PAGE = 100;

/** Which letters to read. */
export interface DeadLetterRead {
  readonly selection: DeadLetterSelection;
  /** All unless given. */
  readonly limit: number | undefined;
  readonly cursor: string | undefined;
}

/** Reads letters page by page while they are taken. */
export async function* readDeadLetters(
  { deadLetters }: EventStore,
  { selection, limit = Infinity, cursor }: DeadLetterRead,
  signal: AbortSignal,
): AsyncGenerator<DeadLetter, void, undefined> {
  let left = limit;
  let next = cursor;
  do {
    signal.throwIfAborted();
    const page = await deadLetters.list(selection, { limit: Math.min(left, STREAM_PAGE), cursor: next });
    yield* page.letters;
    left -= page.letters.length;
    next = page.nextCursor;
  } while (next !== undefined && left > 0);
}
