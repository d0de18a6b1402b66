import type { ReadAllOptions } from '@annals/core';
import type { RequestChannel } from '../connection/request-channel.ts';
import { streamState } from '../scan/stream-state.ts';
import type { LeaderReader } from './leader-reader.ts';

/** Stream sequences, both ends inclusive; nothing when `from` is above `to`. */
export interface SequenceRange {
  readonly from: number;
  readonly to: number;
}

const ALL_SUBJECTS = '>';
/** Clocks of a cluster's servers differ: what a new leader took may be dated before what the old one took. */
const CLOCK_DIFFERENCE_MS = 10_000;
/** The server counts nanoseconds in 64 bits and takes a time beyond for another one (2.15.1: 2999 lay before everything). */
const SERVER_TIMES = { begin: '1700', end: '2262' } as const;

/**
 * The part of a stream in which a read finds all that it wants, as the leader knows the stream now: positions and recording
 * times narrow it.
 *
 * @throws StoreUnavailable
 */
export async function sequenceRange(
  channel: RequestChannel,
  leader: LeaderReader,
  stream: string,
  options: Pick<ReadAllOptions, 'after' | 'direction' | 'recordedFrom' | 'recordedTo'>,
): Promise<SequenceRange> {
  const { recordedFrom, recordedTo } = options;
  const [state, first, beyond] = await Promise.all([
    streamState(channel, stream),
    recordedFrom === undefined ? undefined : sequenceAt(leader, stream, recordedFrom),
    recordedTo === undefined ? undefined : sequenceAt(leader, stream, later(recordedTo)),
  ]);
  let from = Math.max(1, state.firstSequence, first ?? 1);
  let to = Math.min(state.lastSequence, (beyond ?? Infinity) - 1);
  const after = options.after?.find((position) => position.stream === stream)?.sequence;
  if (after !== undefined && options.direction === 'backwards') to = Math.min(to, after - 1);
  else if (after !== undefined) from = Math.max(from, after + 1);
  return { from, to };
}

/** The first sequence that the stream took at a time (ISO 8601 in UTC) or later; Infinity when there is none. */
export async function sequenceAt(leader: LeaderReader, stream: string, time: string): Promise<number> {
  if (time >= SERVER_TIMES.end) return Infinity;
  if (time < SERVER_TIMES.begin) return 1;
  const message = await leader.message(stream, { start_time: time, next_by_subj: ALL_SUBJECTS });
  return message?.sequence ?? Infinity;
}

function later(time: string): string {
  if (time >= SERVER_TIMES.end) return time;
  return new Date(Date.parse(time) + CLOCK_DIFFERENCE_MS).toISOString();
}
