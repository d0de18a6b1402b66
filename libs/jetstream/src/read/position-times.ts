import type { Position } from '@annals/core';
import type { DirectReader } from './direct-reader.ts';
import type { LeaderReader } from './leader-reader.ts';
import type { StoredMessage } from './stored-message.ts';

/** One answer holds at most this many messages and bytes. */
const MAX_RUN = 1_000;
const MAX_BYTES = 4 * 1024 * 1024;

/** Tells when the events at positions were recorded. */
export class PositionTimes {
  constructor(
    private readonly direct: DirectReader,
    private readonly leader: LeaderReader,
    /** True for a stream whose messages these are. */
    private readonly isKnownStream: (stream: string) => boolean,
  ) {}

  /** See `EventStore.recordedAt`. Positions that follow one another are asked for together. */
  async recordedAt(positions: readonly Position[]): Promise<readonly (string | undefined)[]> {
    const wanted = new Map<string, Set<number>>();
    for (const { stream, sequence } of positions) {
      if (!this.isKnownStream(stream) || !Number.isSafeInteger(sequence) || sequence < 1) continue;
      const sequences = wanted.get(stream) ?? new Set<number>();
      wanted.set(stream, sequences.add(sequence));
    }
    const times = new Map<string, string>();
    await Promise.all(
      [...wanted].map(async ([stream, sequences]) => {
        for (const { from, to } of runs([...sequences].sort((a, b) => a - b))) {
          await this.readRun(stream, from, to, (message) => {
            times.set(`${stream}:${message.sequence}`, message.recordedAt);
          });
        }
      }),
    );
    return positions.map(({ stream, sequence }) => times.get(`${stream}:${sequence}`));
  }

  private async readRun(
    stream: string,
    from: number,
    to: number,
    take: (message: StoredMessage) => void,
  ): Promise<void> {
    for (let next = from; next <= to;) {
      const query = { seq: next, batch: to - next + 1, max_bytes: MAX_BYTES };
      const { messages } = await this.direct.get(stream, query, (message) => {
        take(message);
        return message.sequence;
      });
      const last = messages.at(-1);
      if (last !== undefined) {
        next = last + 1;
        continue;
      }
      // The first one was deleted, or the replica has not got it yet: the leader knows.
      const message = await this.leader.message(stream, { seq: next });
      if (message) take(message);
      next++;
    }
  }
}

/** Cuts ascending sequences into stretches without gaps. */
function* runs(sequences: readonly number[]): Generator<{ from: number; to: number }> {
  let from: number | undefined;
  for (const [i, sequence] of sequences.entries()) {
    from ??= sequence;
    if (sequences[i + 1] === sequence + 1 && sequence - from + 1 < MAX_RUN) continue;
    yield { from, to: sequence };
    from = undefined;
  }
}
