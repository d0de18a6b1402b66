import type { RecordedEvent } from '../event/event-message.ts';
import type { EventRegistry } from './event-registry.ts';

/** Stored events as they are today, in the same order. @throws UpcastFailed */
export function currentEvents(registry: EventRegistry, stored: readonly RecordedEvent[]): readonly RecordedEvent[] {
  let changed: RecordedEvent[] | undefined;
  for (const [i, event] of stored.entries()) {
    const current = registry.current(event);
    // Most logs hold nothing old: the list is only copied where something changed.
    if (current === event && changed === undefined) continue;
    changed ??= stored.slice(0, i);
    if (isList(current)) changed.push(...current);
    else changed.push(current);
  }
  return changed ?? stored;
}

/** As {@link currentEvents}, while they are read. @param onStored called with each stored event before it is migrated */
export async function* eachCurrentEvent(
  registry: EventRegistry,
  stored: AsyncIterable<RecordedEvent>,
  onStored?: (event: RecordedEvent) => void,
): AsyncGenerator<RecordedEvent, void, undefined> {
  for await (const event of stored) {
    onStored?.(event);
    const current = registry.current(event);
    if (isList(current)) yield* current;
    else yield current;
  }
}

function isList(value: RecordedEvent | readonly RecordedEvent[]): value is readonly RecordedEvent[] {
  return Array.isArray(value);
}
