import { setTimeout as pause } from 'node:timers/promises';
import type { DirectAnswer, DirectReader } from './direct-reader.ts';
import type { StoredMessage } from './stored-message.ts';

const ASKS = 4;
const PAUSE_MS = 2;

/**
 * Direct Gets that hold at least what the caller knows to be stored. A replica that lags behind is asked again (each time
 * it may be another one); who gets no fresh answer turns to the leader.
 */
export class FreshReader {
  constructor(
    private readonly direct: DirectReader,
    private readonly isReplicated: (stream: string) => boolean,
  ) {}

  /**
   * @param neededSequence that the answer must have covered; 0 takes any answer
   * @returns undefined when no answer was fresh enough
   * @throws StoreUnavailable, and what `decode` throws
   */
  newest<T>(
    stream: string,
    filters: readonly string[],
    neededSequence: number,
    decode: (message: StoredMessage) => T,
    maxBytes: number,
  ): Promise<DirectAnswer<T> | undefined> {
    const query = { multi_last: filters, max_bytes: maxBytes };
    if (neededSequence === 0 || !this.isReplicated(stream)) return this.direct.get(stream, query, decode);
    return this.untilFresh(neededSequence, () => this.direct.get(stream, query, decode));
  }

  private async untilFresh<T>(
    neededSequence: number,
    get: () => Promise<DirectAnswer<T>>,
  ): Promise<DirectAnswer<T> | undefined> {
    for (let asked = 1; ; asked++) {
      const answer = await get();
      if (answer.outcome === 'too-many' || answer.upToSequence >= neededSequence) return answer;
      // Nothing found does not say how much the replica had seen.
      if (answer.outcome === 'none' || asked === ASKS) return undefined;
      await pause(PAUSE_MS * asked * (0.5 + Math.random()));
    }
  }
}
