import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '@annals/core';
import type { LetterBox, LetterToPost } from '../../dead-letter/letter-box.ts';
import type { LeaderReader } from '../../read/leader-reader.ts';

/** A letter without its message, which is read from the stream: few events become one, so none is kept for that end. */
export type LetterAbout = Omit<LetterToPost, 'message'>;

/** Posts dead letters, however long the server is away. */
export class LetterPoster {
  constructor(
    private readonly letterBox: LetterBox,
    private readonly leader: LeaderReader,
    private readonly retryMs: number,
    private readonly stopping: AbortSignal,
    private readonly logger: Logger,
  ) {}

  /** @returns false when the stop came first: the event must not be settled */
  async post(about: LetterAbout): Promise<boolean> {
    const posted = await this.untilDone(`dead letter of ${about.key.subscription}`, async () => {
      const message = await this.leader.message(about.key.stream, { seq: about.key.sequence });
      // Taken away since: there is nothing to keep.
      if (!message) return true;
      await this.letterBox.post({ ...about, message });
      this.tell(about);
      return true;
    });
    return posted ?? false;
  }

  /** Not of parked events: their aggregate's first letter was told of. */
  private tell({ key: { subscription, stream, sequence }, kind, reason }: LetterAbout): void {
    if (kind === 'parked') return;
    const position = { stream, sequence };
    this.logger.warn(`an event became a dead letter of ${subscription}: ${reason}`, { position, kind });
  }

  /** Does what must be done before an event is settled, at least once. @returns undefined when the stop came before it was done */
  async untilDone<T>(what: string, act: () => Promise<T>): Promise<T | undefined> {
    for (let failures = 0; ; failures++) {
      try {
        return await act();
      } catch (error) {
        if (this.stopping.aborted) return undefined;
        if (failures % 20 === 0)
          this.logger.error(`the ${what} cannot be kept yet: its event stays in hand`, { error });
        await pause(this.retryMs, undefined, { signal: this.stopping }).catch(() => undefined);
      }
    }
  }
}
