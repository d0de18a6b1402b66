import type { RecordedEvent } from '../event/event-message.ts';
import type { EventHandler, HandlerContext } from '../subscribe/event-handler.ts';
import { isThenable } from '../state/reducer-failed.ts';
import { isUpcastFailed } from '../upcast/upcast-failed.ts';
import type { EventRegistry } from './event-registry.ts';

/**
 * A handler of stored events that hands current ones to another: one after the other where one became several; the stored
 * event is handled when all are, and is not handled at all where it became none.
 *
 * An event that cannot be migrated becomes a dead letter at once: trying again would not help.
 */
export function currentHandler(registry: EventRegistry, handler: EventHandler): EventHandler {
  return (stored, context) => {
    let current: RecordedEvent | readonly RecordedEvent[];
    try {
      current = registry.current(stored);
    } catch (error) {
      if (isUpcastFailed(error)) context.deadLetter(error.message);
      throw error;
    }
    return Array.isArray(current)
      ? handleAll(handler, current as readonly RecordedEvent[], context)
      : handler(current as RecordedEvent, context);
  };
}

function handleAll(handler: EventHandler, parts: readonly RecordedEvent[], context: HandlerContext): unknown {
  for (const [i, part] of parts.entries()) {
    const result = handler(part, context);
    if (isThenable(result)) return handleRest(handler, result, parts.slice(i + 1), context);
  }
  return undefined;
}

async function handleRest(
  handler: EventHandler,
  first: unknown,
  rest: readonly RecordedEvent[],
  context: HandlerContext,
): Promise<void> {
  await first;
  for (const part of rest) {
    context.signal.throwIfAborted();
    await handler(part, context);
  }
}
