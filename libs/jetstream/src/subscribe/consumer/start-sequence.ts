import type { CheckedStart, Logger } from '@annals/core';
import type { RequestChannel } from '../../connection/request-channel.ts';
import type { LeaderReader } from '../../read/leader-reader.ts';
import { sequenceAt } from '../../read/sequence-range.ts';
import { streamState } from '../../scan/stream-state.ts';
import type { StreamStart } from './subscription-record.ts';

/** Tells which sequence a start means in a stream. */
export class StartSequences {
  constructor(
    private readonly channel: RequestChannel,
    private readonly leader: LeaderReader,
    private readonly logger: Logger,
  ) {}

  /**
   * The first stream sequence wanted: never one that skips what is stored after this call.
   *
   * @throws StoreUnavailable
   */
  async resolve(from: CheckedStart, stream: string): Promise<StreamStart> {
    // Before anything else is asked: what is stored in between is new.
    const { created, lastSequence } = await streamState(this.channel, stream);
    const next = lastSequence + 1;
    const sequence = await this.sequenceOf(from, stream, next);
    if (sequence <= next) return { created, sequence };
    this.logger.warn(
      `stream ${stream} ends at ${lastSequence}, before the position to begin at: beginning at its end`,
      {
        stream,
        sequence,
        lastSequence,
      },
    );
    return { created, sequence: next };
  }

  private async sequenceOf(from: CheckedStart, stream: string, next: number): Promise<number> {
    if (from === 'beginning') return 1;
    if (from === 'now') return next;
    if ('recordedFrom' in from) return Math.min(await sequenceAt(this.leader, stream, from.recordedFrom), next);
    const position = from.after.find((after) => after.stream === stream);
    return position ? position.sequence + 1 : 1;
  }
}
