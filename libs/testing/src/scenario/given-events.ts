import type { EventMessage, NewEvent, RecordedEvent } from '@annals/core';

/** An event that a scenario begins with: type and data, and whatever of the envelope matters. */
export type GivenEvent = NewEvent & Partial<Omit<EventMessage, keyof NewEvent>>;

const FIRST_MS = Date.parse('2026-01-01T00:00:00Z');

/**
 * Given events as a store would hand them over: versions from 1, a second apart, with ids that tell which they are.
 *
 * @param aggregate that they belong to unless they name another
 */
export function recorded(
  events: readonly GivenEvent[],
  aggregate: { readonly type: string; readonly id: string },
): RecordedEvent[] {
  return events.map((event, i) => {
    const timestamp = new Date(FIRST_MS + i * 1_000).toISOString();
    const known = Object.fromEntries(Object.entries(event).filter(([, value]) => value !== undefined));
    return {
      messageId: `given-${i + 1}`,
      timestamp,
      tenantId: 'default',
      aggregateType: aggregate.type,
      aggregateId: aggregate.id,
      version: i + 1,
      schemaVersion: 1,
      correlationId: 'given-1',
      position: { stream: 'EVENTS', sequence: i + 1 },
      recordedAt: timestamp,
      ...(known as unknown as GivenEvent),
    } as RecordedEvent;
  });
}
