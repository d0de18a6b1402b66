import type { RecordedEvent } from '../event/event-message.ts';
import type { EventHandler, HandlerContext } from '../subscribe/event-handler.ts';
import type { UpcastFailurePolicy } from '../subscribe/subscription-options.ts';
import { SubscriptionEnded } from '../subscribe/subscription-ended.ts';
import { isThenable } from '../state/reducer-failed.ts';
import { isUpcastFailed } from '../upcast/upcast-failed.ts';
import type { EventRegistry } from './event-registry.ts';

/**
 * A handler of stored events that hands current ones to another: one after the other where one became several; the stored
 * event is handled when all are, and is not handled at all where it became none. Events wait until the registry is sealed.
 *
 * @param onUpcastFailure an event that cannot be migrated becomes a dead letter at once, since trying again would not help;
 *   or it ends the subscription, unsettled
 */
export function currentHandler(
  registry: EventRegistry,
  handler: EventHandler,
  onUpcastFailure: UpcastFailurePolicy = 'dead-letter',
): EventHandler {
  const handle: EventHandler = (stored, context) => {
    let current: RecordedEvent | readonly RecordedEvent[];
    try {
      current = registry.current(stored);
    } catch (error) {
      if (!isUpcastFailed(error)) throw error;
      if (onUpcastFailure === 'stop') throw new SubscriptionEnded(error);
      context.deadLetter(error.message);
      throw error;
    }
    return Array.isArray(current)
      ? handleAll(handler, current as readonly RecordedEvent[], context)
      : handler(current as RecordedEvent, context);
  };
  return (stored, context) =>
    registry.isSealed ? handle(stored, context) : handleWhenSealed(registry, handle, stored, context);
}

async function handleWhenSealed(
  registry: EventRegistry,
  handle: EventHandler,
  stored: RecordedEvent,
  context: HandlerContext,
): Promise<void> {
  try {
    await registry.whenSealed();
  } catch (error) {
    // The application does not start: the event is for one that does.
    throw new SubscriptionEnded(error as Error);
  }
  context.signal.throwIfAborted();
  await handle(stored, context);
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
