import type { RecordedEvent } from '../event/event-message.ts';
import { isAnnalsError } from '../error/annals-error.ts';
import type { EventRegistry } from '../registry/event-registry.ts';
import { abortable } from './abortable.ts';
import type { ReplayOutcome, ReplaySink } from './replay-sink.ts';

/**
 * A sink that gets events as they are today. What became of a stored event is what became of all that a migration made of
 * it; one that cannot be migrated is a failure. Nothing is handed over before the registry is sealed.
 */
export function currentSink(sink: ReplaySink, registry: EventRegistry | undefined): ReplaySink {
  if (!registry) return sink;
  return {
    async *deliver(events, signal) {
      if (!registry.isSealed) await abortable(registry.whenSealed(), signal);
      const parts = events.map((event) => partsOf(registry, event));
      const current = parts.flatMap((made) => (typeof made === 'string' ? [] : made));
      const told = (current.length > 0 ? sink.deliver(current, signal) : none())[Symbol.asyncIterator]();
      try {
        for (const made of parts) {
          const outcome = typeof made === 'string' ? { failure: made } : await outcomeOf(made.length, told);
          if (!outcome) return;
          yield outcome;
        }
      } finally {
        await told.return?.();
      }
    },
    ...(sink.checkpoint && { checkpoint: () => sink.checkpoint!() }),
    ...(sink.finish && { finish: () => sink.finish!() }),
    close: () => sink.close(),
  };
}

/** What a migration makes of an event, or why it cannot. */
function partsOf(registry: EventRegistry, event: RecordedEvent): readonly RecordedEvent[] | string {
  try {
    return [registry.current(event)].flat();
  } catch (error) {
    if (isAnnalsError(error)) return error.message;
    throw error;
  }
}

/** @returns undefined when the sink ended before it told of all */
async function outcomeOf(count: number, told: AsyncIterator<ReplayOutcome>): Promise<ReplayOutcome | undefined> {
  let outcome: ReplayOutcome = {};
  for (let i = 0; i < count; i++) {
    const { done, value } = await told.next();
    if (done) return undefined;
    if (outcome.failure === undefined) outcome = value;
  }
  return outcome;
}

async function* none(): AsyncGenerator<ReplayOutcome, void, undefined> {}
