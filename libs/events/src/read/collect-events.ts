import { type RecordedEvent, ResultTooLarge } from '@annals/core';

/** An array holds at most this many events: more would not be read but held. */
export const MAX_ARRAY_EVENTS = 10_000;

/** The `limit` to read with so that one event too many is seen but not more. */
export function readLimit(limit: number | undefined): number {
  return Math.min(limit ?? Infinity, MAX_ARRAY_EVENTS + 1);
}

/**
 * The events as an array.
 *
 * @param instead the call to make where they are too many
 * @throws ResultTooLarge above 10,000 events
 */
export async function collectEvents<T>(
  events: AsyncIterable<RecordedEvent>,
  instead: string,
): Promise<RecordedEvent<T>[]> {
  const collected: RecordedEvent<T>[] = [];
  for await (const event of events) {
    if (collected.length === MAX_ARRAY_EVENTS) throw new ResultTooLarge(MAX_ARRAY_EVENTS, instead);
    collected.push(event as RecordedEvent<T>);
  }
  return collected;
}
