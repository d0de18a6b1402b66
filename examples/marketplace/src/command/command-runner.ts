import { setTimeout as delay } from 'node:timers/promises';
import { initialStateOf, isConcurrencyError, type RecordedEvent } from '@annals/core';
import { AggregateRepositories, currentCorrelation, EventsService } from '@annals/events';
import { Injectable } from '@nestjs/common';
import type { Aggregate, Happened } from '../aggregate/aggregate.ts';
import type { Decision, DomainEvent } from '../aggregate/decision.ts';
import { digest, messageIds } from './command-identity.ts';
import type { CommandContext } from './command-context.ts';
import type { CommandEvent, CommandResult } from './command-result.ts';

/** A command that loses this many races for its aggregate gives up. */
export const MAX_ATTEMPTS = 8;
const MAX_PAUSE_MS = 20;

/** Metadata field that names the command an event came from, by a digest of its idempotency key … */
const KEY = 'idempotencyKeyDigest';
/** … and what was asked for under that key. */
const REQUEST = 'requestDigest';

/** An aggregate's state, and what an earlier copy of the command did. */
interface Loaded<State> {
  readonly state: State;
  readonly version: number;
  readonly earlier: readonly RecordedEvent[];
}

/**
 * Carries out commands: folds the aggregate's own events into its state, lets a pure function decide, and appends the
 * outcome expecting the very version that was decided upon. When somebody else was faster, it decides anew.
 */
@Injectable()
export class CommandRunner {
  constructor(
    private readonly events: EventsService,
    private readonly repositories: AggregateRepositories,
  ) {}

  /**
   * @param decide pure; called again when another writer came first
   * @throws ConcurrencyError after eight lost races; AppendOutcomeUnknown, Overloaded, StoreUnavailable (with an
   *   idempotency key it is safe to repeat the command)
   */
  async run<State, Event extends DomainEvent>(
    aggregate: Aggregate<State, Event>,
    id: string,
    context: CommandContext,
    decide: (state: State) => Decision<Event>,
  ): Promise<CommandResult<State>> {
    for (let attempt = 1; ; attempt += 1) {
      const loaded = await this.load(aggregate, id, context);
      const known = knownOutcome(loaded, context);
      if (known) return known;
      const decision = decide(loaded.state);
      if ('rejection' in decision) return { outcome: 'rejected', rejection: decision.rejection };
      try {
        return await this.append(aggregate, id, context, loaded, decision.events);
      } catch (error) {
        if (!isConcurrencyError(error) || attempt === MAX_ATTEMPTS) throw error;
        // Without a pause of random length the same writers would meet again.
        await delay(Math.random() * MAX_PAUSE_MS);
      }
    }
  }

  /** An aggregate's state and version, by its snapshot where it has one; version 0 when there is none. */
  async read<State, Event extends DomainEvent>(
    aggregate: Aggregate<State, Event>,
    id: string,
  ): Promise<{ readonly state: State; readonly version: number }> {
    return this.repositories.of(aggregate).load(id);
  }

  private async load<State, Event extends DomainEvent>(
    aggregate: Aggregate<State, Event>,
    id: string,
    context: CommandContext,
  ): Promise<Loaded<State>> {
    const { idempotencyKey } = context;
    const key = idempotencyKey === undefined ? undefined : digest(idempotencyKey);
    const { state, version } = await this.events.reconstructStateWithVersion(
      id,
      aggregate.type,
      { state: initialStateOf(aggregate), earlier: [] as readonly RecordedEvent[] },
      (loaded, event: RecordedEvent) => ({
        state: aggregate.evolve(loaded.state, event as unknown as Happened<Event>),
        earlier: key !== undefined && event.metadata?.[KEY] === key ? [...loaded.earlier, event] : loaded.earlier,
      }),
    );
    return { ...state, version };
  }

  private async append<State, Event extends DomainEvent>(
    aggregate: Aggregate<State, Event>,
    id: string,
    context: CommandContext,
    loaded: Loaded<State>,
    events: readonly Event[],
  ): Promise<CommandResult<State>> {
    const { state, version } = loaded;
    const { correlationId, causationId, userId, idempotencyKey, requestDigest } = context;
    if (events.length === 0) return { outcome: 'done', events: [], state, version, correlationId, repeated: false };
    const timestamp = new Date().toISOString();
    const ids = messageIds(context, id, events.length);
    // In a handler of an event the chain that it belongs to goes on.
    const chain = correlationId ?? currentCorrelation().correlationId ?? ids[0]!;
    const metadata =
      idempotencyKey === undefined ? undefined : { [KEY]: digest(idempotencyKey), [REQUEST]: requestDigest };
    const result = await this.events.publishEvents(
      events.map(({ type, data }, index) => ({
        type,
        data,
        timestamp,
        messageId: ids[index],
        aggregateType: aggregate.type,
        aggregateId: id,
        version: version + 1 + index,
        correlationId: chain,
        causationId,
        userId,
        metadata,
      })),
    );
    return {
      outcome: 'done',
      events: result.events.map((event) => toCommandEvent(event)),
      state: events.reduce((next, event) => aggregate.evolve(next, { ...event, timestamp }), state),
      version: version + events.length,
      correlationId: chain,
      repeated: result.repeated,
    };
  }
}

/** What can be said without deciding: the command was carried out before, its key is taken, or it is out of date. */
function knownOutcome<State>(loaded: Loaded<State>, context: CommandContext): CommandResult<State> | undefined {
  const { state, version, earlier } = loaded;
  const { expectedVersion, idempotencyKey, requestDigest } = context;
  const [first] = earlier;
  if (first) {
    if (first.metadata?.[REQUEST] !== requestDigest) return { outcome: 'key-reused', idempotencyKey: idempotencyKey! };
    const events = earlier.map((event) => toCommandEvent(event));
    return { outcome: 'done', events, state, version, correlationId: first.correlationId, repeated: true };
  }
  if (expectedVersion !== undefined && expectedVersion !== version) {
    return { outcome: 'stale', expectedVersion, actualVersion: version };
  }
  return undefined;
}

function toCommandEvent(event: { messageId: string; type: string; version?: number }): CommandEvent {
  return { messageId: event.messageId, type: event.type, version: event.version! };
}
