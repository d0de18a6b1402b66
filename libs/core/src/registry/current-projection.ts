import type { RecordedEvent } from '../event/event-message.ts';
import type { Projection } from '../projection/define-projection.ts';
import type { Projections } from '../projection/projections.ts';
import { currentEvents } from './current-events.ts';
import type { EventRegistry } from './event-registry.ts';

/**
 * A projection of stored events that hands current ones to another. What a stored event became is handled as one, so no
 * checkpoint lies between its parts; an event that cannot be migrated holds the projection up as one that cannot be handled.
 */
export function currentProjection<Context>(
  registry: EventRegistry,
  projection: Projection<Context>,
): Projection<Context> {
  const { handle, handleBatch } = projection;
  return {
    ...projection,
    handle: (stored, context) => {
      const current = registry.current(stored);
      if (!Array.isArray(current)) return handle(current as RecordedEvent, context);
      return handleAll(current as readonly RecordedEvent[], async (event) => {
        await handle(event, context);
      });
    },
    ...(handleBatch && {
      handleBatch: (stored: readonly RecordedEvent[], context: Context) =>
        handleBatch(currentEvents(registry, stored), context),
    }),
  };
}

/** Projections whose handlers see events as they are today. */
export function currentProjections(inner: () => Projections, registry: EventRegistry): Projections {
  return {
    get documents() {
      return inner().documents;
    },
    run: (projection, sink) => inner().run(currentProjection(registry, projection), sink),
    list: () => inner().list(),
    get: (name) => inner().get(name),
    pause: (name) => inner().pause(name),
    resume: (name) => inner().resume(name),
    rebuild: (name) => inner().rebuild(name),
    forget: (name) => inner().forget(name),
  };
}

async function handleAll(
  events: readonly RecordedEvent[],
  handle: (event: RecordedEvent) => Promise<void>,
): Promise<void> {
  for (const event of events) await handle(event);
}
