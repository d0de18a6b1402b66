import { setTimeout as pause } from 'node:timers/promises';
import { type CheckedStart, isAnnalsError } from '@annals/core';
import type { RequestChannel } from '../connection/request-channel.ts';
import { sequenceAt } from '../read/sequence-range.ts';
import type { LeaderReader } from '../read/leader-reader.ts';
import { type StreamState, streamState } from '../scan/stream-state.ts';
import type { Moment } from './acknowledged-sequences.ts';

/** Where the following of a stream begins, and where it has caught up. */
export interface FollowStart {
  readonly fromSequence: number;
  /** The stream's last sequence. */
  readonly caughtUpAt: number;
}

/** What finding a start needs. */
export interface StartQuestion {
  readonly channel: RequestChannel;
  readonly leader: LeaderReader;
  readonly stream: string;
  readonly from: CheckedStart;
  /** Of the call, by `performance.now()`. */
  readonly calledAtMs: number;
  /** As of the call. */
  readonly acknowledged: Moment;
  readonly timeoutMs: number;
}

const RETRY_PAUSE_MS = 100;

/**
 * Finds where to begin, from the stream's leader.
 *
 * @throws StoreUnavailable when the leader does not answer in time
 */
export async function followStart(question: StartQuestion): Promise<FollowStart> {
  const { leader, stream, from } = question;
  const state = await patientState(question);
  const { lastSequence } = state;
  if (from === 'beginning') return { fromSequence: 1, caughtUpAt: lastSequence };
  if (from === 'now') return { fromSequence: await firstAfterCall(question, state), caughtUpAt: lastSequence };
  if ('after' in from) {
    const after = from.after.find((position) => position.stream === stream)?.sequence ?? 0;
    return { fromSequence: after + 1, caughtUpAt: lastSequence };
  }
  const first = await sequenceAt(leader, stream, from.recordedFrom);
  // The state is older than the search, so nothing was taken in between that the search would have found.
  return { fromSequence: Math.min(first, lastSequence + 1), caughtUpAt: lastSequence };
}

/**
 * The first sequence that was stored after the call. The leader was asked a little later, and what it took meanwhile belongs
 * to the follower. So everything counts that is not older, by the leader's clock, than the call was when the answer came;
 * what this process had been told of before the call does not.
 */
async function firstAfterCall({ leader, stream, calledAtMs, acknowledged }: StartQuestion, state: StreamState) {
  const { lastSequence, answeredAt } = state;
  const elapsedMs = Math.ceil(performance.now() - calledAtMs);
  const calledAt = new Date(Date.parse(answeredAt) - elapsedMs).toISOString();
  const first = await sequenceAt(leader, stream, calledAt);
  const known = Math.min(acknowledged.lastBefore(stream), lastSequence);
  return Math.max(known + 1, Math.min(first, lastSequence + 1, acknowledged.firstSince(stream)));
}

/** The server may be away for a moment. */
async function patientState({ channel, stream, calledAtMs, timeoutMs }: StartQuestion): Promise<StreamState> {
  for (;;) {
    try {
      return await streamState(channel, stream);
    } catch (error) {
      const late = performance.now() - calledAtMs + RETRY_PAUSE_MS > timeoutMs;
      if (late || channel.nc.isClosed() || !isAnnalsError(error) || error.code !== 'store-unavailable') throw error;
      await pause(RETRY_PAUSE_MS);
    }
  }
}
