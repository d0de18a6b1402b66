import {
  type Clock,
  type DeadLetter,
  DeadLetterNotFound,
  type DeadLetterPage,
  type DeadLetterSelection,
  type DeadLetters,
  type RecordedEvent,
  type RedriveOptions,
  type RedriveResult,
  ValidationError,
  checkDeadLetterSelection,
  deadLetterId,
  parseDeadLetterId,
} from '@annals/core';
import type { RequestChannel } from '../connection/request-channel.ts';
import { DirectReader } from '../read/direct-reader.ts';
import { LeaderReader } from '../read/leader-reader.ts';
import { type StoredMessage, storedEvent } from '../read/stored-message.ts';
import type { Topology } from '../topology/topology.ts';
import { checkLetterPage, checkRedriveRate } from './check-letters.ts';
import type { DeadLetterParts } from './dead-letter-parts.ts';
import type { LetterMessage } from './letter-message.ts';
import { Purge } from './purge-letters.ts';
import { type DefinitionOf, Redrive, parksAggregates } from './redrive-letters.ts';
import { SelectedLetters } from './selected-letters.ts';
import { WaitingRedrives } from './waiting-redrives.ts';

export interface DeadLettersOptions {
  readonly channel: RequestChannel;
  readonly topology: Topology;
  readonly parts: DeadLetterParts;
  readonly definitionOf: DefinitionOf;
  readonly clock: Clock;
  /** Throws StoreClosed once the store is closed. */
  readonly checkOpen: () => void;
}

/** A letter with its event as far as that was read. */
interface ReadLetter {
  readonly letter: LetterMessage;
  readonly event: RecordedEvent | undefined;
}

/** Dead letters as operators see them. */
export class JetStreamDeadLetters implements DeadLetters {
  private readonly selected: SelectedLetters;
  private readonly redrives: WaitingRedrives;

  constructor(private readonly options: DeadLettersOptions) {
    const { channel, topology, parts, definitionOf } = options;
    this.selected = new SelectedLetters(channel, topology, parts);
    this.redrives = new WaitingRedrives({
      ...parts,
      direct: new DirectReader(channel),
      leader: new LeaderReader(channel),
      parks: async (subscription) => {
        const definition = await definitionOf(subscription);
        return definition !== undefined && parksAggregates(definition);
      },
    });
  }

  async list(
    selection: DeadLetterSelection = {},
    options: { readonly limit?: number | undefined; readonly cursor?: string | undefined } = {},
  ): Promise<DeadLetterPage> {
    this.options.checkOpen();
    const checked = checkDeadLetterSelection(selection);
    const { limit, fromSequence } = checkLetterPage(options);
    const found: ReadLetter[] = [];
    for await (const chunk of this.selected.read(checked, { fromSequence, batch: limit + 1 }, readLetter)) {
      found.push(...chunk);
      if (found.length > limit) break;
    }
    const page = found.slice(0, limit);
    const letters = await this.shown(page);
    const last = page.at(-1)?.letter.posted.sequence;
    return found.length > limit && last !== undefined ? { letters, nextCursor: String(last) } : { letters };
  }

  async get(id: string): Promise<DeadLetter> {
    this.options.checkOpen();
    const key = parseDeadLetterId(id);
    if (!key) throw new ValidationError([{ path: 'id', message: 'must be <subscription>/<stream>/<sequence>' }]);
    const letter = await this.selected.of(key);
    if (!letter) throw new DeadLetterNotFound(id);
    return (await this.shown([readLetter(letter)]))[0]!;
  }

  async count(selection: DeadLetterSelection = {}): Promise<number> {
    this.options.checkOpen();
    return this.selected.count(checkDeadLetterSelection(selection));
  }

  async redrive(selection: DeadLetterSelection, options: RedriveOptions = {}): Promise<RedriveResult> {
    this.options.checkOpen();
    const checked = checkDeadLetterSelection(selection);
    const spacingMs = checkRedriveRate(options.ratePerSecond);
    options.signal?.throwIfAborted();
    await this.checkIds(checked);
    const { parts, definitionOf, clock } = this.options;
    const redrive = new Redrive(parts, definitionOf, { spacingMs, nowMs: clock.now() });
    for await (const chunk of this.selected.read(checked, { headersOnly: true }, briefly)) {
      options.signal?.throwIfAborted();
      await redrive.take(chunk);
    }
    return redrive.result;
  }

  async purge(selection: DeadLetterSelection): Promise<number> {
    this.options.checkOpen();
    const checked = checkDeadLetterSelection(selection);
    const { channel, parts, definitionOf } = this.options;
    const purge = new Purge(channel, parts, definitionOf);
    let purged = 0;
    for await (const chunk of this.selected.read(checked, { headersOnly: true }, briefly)) {
      await purge.take(chunk);
      purged += chunk.length;
    }
    await purge.finish();
    return purged;
  }

  /** @throws DeadLetterNotFound before anything is done with the others */
  private async checkIds({ ids }: DeadLetterSelection): Promise<void> {
    if (!ids) return;
    const missing = (await this.selected.ofIds(ids)).findIndex((letter) => letter === undefined);
    if (missing >= 0) throw new DeadLetterNotFound(ids[missing]!);
  }

  private async shown(found: readonly ReadLetter[]): Promise<readonly DeadLetter[]> {
    const waiting = await this.redrives.among(found.map(({ letter }) => briefly(letter)));
    return Promise.all(
      found.map(async ({ letter, event }) => {
        const { key, details, posted } = letter;
        const { kind, reason, error, attempts, redrives } = details;
        const whole = event ?? (details.hasBody ? undefined : eventIn(await this.options.parts.box.eventOf(letter)));
        const id = deadLetterId(key);
        return {
          id,
          subscription: key.subscription,
          kind,
          reason,
          ...(error && { error }),
          attempts,
          redrives,
          deadLetteredAt: posted.recordedAt,
          redriving: waiting.has(id),
          position: { stream: key.stream, sequence: key.sequence },
          ...(whole && { event: whole }),
        };
      }),
    );
  }
}

function briefly({ key, details, posted }: LetterMessage): {
  readonly key: LetterMessage['key'];
  readonly lane: string | undefined;
  readonly sequence: number;
} {
  return { key, lane: details.lane, sequence: posted.sequence };
}

/** Reads the event while its bytes are there. */
function readLetter(letter: LetterMessage): ReadLetter {
  return { letter, event: letter.details.hasBody ? eventIn(letter.event) : undefined };
}

/** Undefined for a message that is no event: the letter tells so. */
function eventIn(message: StoredMessage): RecordedEvent | undefined {
  try {
    return storedEvent(message);
  } catch {
    return undefined;
  }
}
