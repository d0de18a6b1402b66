import type { DeadLetterKey } from '@annals/core';
import type { DirectReader } from '../read/direct-reader.ts';
import { FreshReader } from '../read/fresh-reader.ts';
import type { LeaderReader } from '../read/leader-reader.ts';
import { deadLetterLaneFilter } from '../subscribe/subscription-names.ts';
import type { KeptMessages } from './kept-messages.ts';
import type { KeptStream } from './kept-stream.ts';
import { type LetterMessage, decodeLetter } from './letter-message.ts';
import type { StoredMessage } from '../read/stored-message.ts';

export interface LaneLettersParts {
  readonly direct: DirectReader;
  readonly leader: LeaderReader;
  readonly letters: KeptStream;
  readonly messages: KeptMessages;
  /** True when a Direct Get may be answered by a server that lags behind. */
  readonly isReplicated: boolean;
}

/** More of an aggregate's letters than these bytes are not asked for with their bodies. */
const MAX_BYTES = 8 * 1024 * 1024;

/** Finds the letters of one aggregate. */
export class LaneLetters {
  private readonly fresh: FreshReader;

  constructor(private readonly parts: LaneLettersParts) {
    this.fresh = new FreshReader(parts.direct, () => parts.isReplicated);
  }

  /**
   * The keys of an aggregate's letters, in the order of the stream: all that were there at the call and were not taken
   * away since.
   *
   * @throws StoreUnavailable
   */
  async of(subscription: string, stream: string, lane: string): Promise<readonly DeadLetterKey[]> {
    if (!(await this.parts.letters.exists())) return [];
    const filter = deadLetterLaneFilter(subscription, stream, lane);
    const keyIn = (message: StoredMessage): DeadLetterKey | undefined => keyOfLane(decodeLetter(message), lane);
    const found = (await this.few(filter, keyIn)) ?? (await this.many(filter, keyIn));
    // What is replaced while it is read may come twice.
    const keys = new Map(found.flatMap((key) => (key ? [[key.sequence, key]] : [])));
    return [...keys.values()].sort((a, b) => a.sequence - b.sequence);
  }

  /** One request; undefined when there are too many letters for that, or no answer was fresh enough. */
  private async few<T>(filter: string, decode: (message: StoredMessage) => T): Promise<readonly T[] | undefined> {
    const { letters, leader, isReplicated } = this.parts;
    const newest = isReplicated ? await leader.message(letters.name, { last_by_subj: filter }) : undefined;
    if (isReplicated && !newest) return [];
    const answer = await this.fresh.newest(letters.name, [filter], newest?.sequence ?? 0, decode, MAX_BYTES);
    return !answer || answer.outcome === 'too-many' || answer.cut ? undefined : answer.messages;
  }

  private async many<T>(filter: string, decode: (message: StoredMessage) => T): Promise<readonly T[]> {
    const found: T[] = [];
    for await (const chunk of this.parts.messages.read({ filters: [filter], headersOnly: true }, decode)) {
      found.push(...chunk);
    }
    return found;
  }
}

function keyOfLane(letter: LetterMessage | undefined, lane: string): DeadLetterKey | undefined {
  return letter?.details.lane === lane ? letter.key : undefined;
}
