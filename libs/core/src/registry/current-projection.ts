import type { RecordedEvent } from '../event/event-message.ts';
import type { Projection } from '../projection/define-projection.ts';
import type { Projections } from '../projection/projections.ts';
import { currentEvents } from './current-events.ts';
import type { EventRegistry } from './event-registry.ts';

/**
 * A projection of stored events that hands current ones to another. What a stored event became is handled as one, so no
 * checkpoint lies between its parts; an event that cannot be migrated holds the projection up as one that cannot be handled.
 * Events wait until the registry is sealed.
 */
export function currentProjection<Context>(
  registry: EventRegistry,
  projection: Projection<Context>,
): Projection<Context> {
  const { handle, handleBatch } = projection;
  return {
    ...projection,
    handle: async (stored, context) => {
      await registry.whenSealed();
      const current = registry.current(stored);
      if (!Array.isArray(current)) return handle(current as RecordedEvent, context);
      for (const event of current as readonly RecordedEvent[]) await handle(event, context);
      return undefined;
    },
    ...(handleBatch && {
      handleBatch: async (stored: readonly RecordedEvent[], context: Context) => {
        await registry.whenSealed();
        await handleBatch(currentEvents(registry, stored), context);
      },
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
