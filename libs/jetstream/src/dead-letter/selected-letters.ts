import { type DeadLetterKey, type DeadLetterSelection, parseDeadLetterId } from '@annals/core';
import type { RequestChannel } from '../connection/request-channel.ts';
import { deadLetterFilter } from '../subscribe/subscription-names.ts';
import type { Topology } from '../topology/topology.ts';
import type { DeadLetterParts } from './dead-letter-parts.ts';
import { inParallel } from './in-parallel.ts';
import { isWhole, letterFilter } from './letter-filter.ts';
import { type LetterMessage, decodeLetter } from './letter-message.ts';
import { countSubjects } from './subject-count.ts';

/** Letters that are asked for at once by their ids. */
const PARALLEL = 32;

export interface LetterReading {
  /** Stream sequence of the first letter wanted; the oldest unless given. */
  readonly fromSequence?: number | undefined;
  /** Their events are not wanted. */
  readonly headersOnly?: boolean;
  /** Letters that are read at a time. */
  readonly batch?: number | undefined;
}

/** Finds the letters of one store that a selection means. */
export class SelectedLetters {
  constructor(
    private readonly channel: RequestChannel,
    private readonly topology: Topology,
    private readonly parts: Pick<DeadLetterParts, 'box' | 'letters' | 'letterMessages'>,
  ) {}

  /** The letter of a key as the leader knows it; undefined for those of another store, too. @throws StoreUnavailable */
  async of(key: DeadLetterKey): Promise<LetterMessage | undefined> {
    return this.topology.bindingOfStream(key.stream) ? this.parts.box.stored(key) : undefined;
  }

  /** Those of a list of ids, undefined for one that is not there. @throws StoreUnavailable */
  async ofIds(ids: readonly string[]): Promise<readonly (LetterMessage | undefined)[]> {
    const found: (LetterMessage | undefined)[] = [];
    await inParallel(ids, PARALLEL, async (id, i) => {
      found[i] = await this.of(parseDeadLetterId(id)!);
    });
    return found;
  }

  /**
   * The selected letters that were there at the call, oldest first, in chunks and bounded memory. One that is replaced
   * meanwhile may come once more, as what it became.
   *
   * @param selection checked
   * @param take makes of a letter what is wanted; the bytes of its event are only valid during the call
   * @throws StoreUnavailable
   */
  async *read<T>(
    selection: DeadLetterSelection,
    { fromSequence = 1, headersOnly = false, batch }: LetterReading,
    take: (letter: LetterMessage) => T,
  ): AsyncGenerator<readonly T[], void, undefined> {
    const { letters, letterMessages } = this.parts;
    const matches = letterFilter(selection, this.topology);
    if (selection.ids) {
      const found = await this.ofIds([...new Set(selection.ids)]);
      const wanted = found
        .filter((letter) => letter !== undefined)
        .filter(({ key }) => selection.subscription === undefined || key.subscription === selection.subscription)
        .filter((letter) => letter.posted.sequence >= fromSequence && matches(letter))
        .sort((a, b) => a.posted.sequence - b.posted.sequence);
      if (wanted.length > 0) yield wanted.map(take);
      return;
    }
    if (!(await letters.exists())) return;
    const query = { filters: this.filters(selection), fromSequence, headersOnly, batch };
    yield* letterMessages.read(query, (message) => {
      const letter = decodeLetter(message);
      return letter && matches(letter) ? take(letter) : undefined;
    });
  }

  /** @throws StoreUnavailable */
  async count(selection: DeadLetterSelection): Promise<number> {
    const { letters } = this.parts;
    if (!(await letters.exists())) return 0;
    let count = 0;
    if (isWhole(selection)) {
      const filters = this.filters(selection);
      for (const filter of filters) count += await countSubjects(this.channel, letters.name, filter);
      return count;
    }
    for await (const chunk of this.read(selection, { headersOnly: true }, () => true)) count += chunk.length;
    return count;
  }

  private filters({ subscription }: DeadLetterSelection): readonly string[] {
    return this.topology.bindings.map(({ name }) => deadLetterFilter(subscription, name));
  }
}
