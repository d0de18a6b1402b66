import { deepStrictEqual } from 'node:assert';
import type { NewEvent } from '@annals/core';

/** What of an event is compared: the fields that the expected one names. */
export type ExpectedEvent = Pick<NewEvent, 'type'> & Partial<NewEvent>;

/**
 * Compares events with expected ones by the fields that these name. Data are compared as they would be stored: an instance
 * of a class equals a plain object of the same fields.
 *
 * @throws AssertionError that shows both
 */
export function expectEvents(actual: readonly object[], expected: readonly ExpectedEvent[], what: string): void {
  const compared = actual.map((event, i) => {
    const wanted = expected[i];
    if (!wanted) return plain(event);
    const fields = Object.keys(wanted).map((field) => [field, (event as Record<string, unknown>)[field]]);
    return plain(Object.fromEntries(fields));
  });
  deepStrictEqual(
    compared,
    expected.map(plain),
    `${what} are not as expected: ${shown(actual)} instead of ${shown(expected)}`,
  );
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function shown(events: readonly object[]): string {
  if (events.length === 0) return 'none';
  return events
    .map((event) => `${(event as { type?: string }).type} ${JSON.stringify((event as { data?: unknown }).data)}`)
    .join(', ');
}
