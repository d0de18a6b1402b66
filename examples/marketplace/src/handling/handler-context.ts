import type { RecordedEvent } from '@annals/events';
import type { CommandContext } from '../command/command-context.ts';
import { digest } from '../command/command-identity.ts';

/**
 * The context of a command that an event leads to. Its key follows from the event, so that an event that is handed over
 * twice is acted on once. Who is behind it and which chain it belongs to is known to the event store already.
 */
export function handlerContext(event: RecordedEvent): CommandContext {
  return {
    correlationId: undefined,
    causationId: undefined,
    userId: undefined,
    idempotencyKey: event.messageId,
    expectedVersion: undefined,
    requestDigest: digest(event.type, event.messageId),
  };
}

/** The id of an aggregate whose event this is. */
export function aggregateIdOf({ aggregateId, type }: RecordedEvent): string {
  if (aggregateId === undefined) throw new Error(`an event ${type} must belong to an aggregate`);
  return aggregateId;
}
