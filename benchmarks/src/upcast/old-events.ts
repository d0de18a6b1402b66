import type { RecordedEvent } from '@annals/core';
import { envelope } from '../event/envelope.ts';
import { sampleEvent, type SampleData } from '../event/sample-event.ts';

/** Events of schema version 1, as they are read back. */
export function oldEvents(count: number): readonly RecordedEvent<SampleData>[] {
  return Array.from({ length: count }, (_, n) => {
    const event = sampleEvent(n);
    const { timestamp, ...message } = envelope(`a-${n}`, 1, event);
    const position = { stream: 'EVENTS', sequence: n + 1 };
    return { ...message, data: event.data, timestamp, position, recordedAt: timestamp };
  });
}
