import { StoreUnavailable } from '@annals/core';
import type { RequestChannel } from '../connection/request-channel.ts';
import { type ApiError, JETSTREAM_CODE } from '../error/jetstream-codes.ts';
import { unavailable } from '../error/unavailable.ts';

/** A stream as its leader knows it: every acknowledged message is at or below `lastSequence`. */
export interface StreamState {
  /** When the stream was made: another time means that it was deleted and made anew. */
  readonly created: string;
  /** Above `lastSequence` when nothing is stored. */
  readonly firstSequence: number;
  readonly lastSequence: number;
  /** When the leader answered, by its clock, which is also the one that dates messages. */
  readonly answeredAt: string;
}

interface InfoAnswer {
  readonly error?: ApiError;
  readonly created?: string;
  readonly ts?: string;
  readonly state?: { readonly first_seq: number; readonly last_seq: number };
}

/**
 * Asks the stream's leader.
 *
 * @throws StoreUnavailable also when the stream is not there
 */
export async function streamState(channel: RequestChannel, stream: string): Promise<StreamState> {
  const reply = await channel.request(`$JS.API.STREAM.INFO.${stream}`, '').catch((error: unknown) => {
    throw unavailable(error);
  });
  const { error, created, ts, state } = reply.json<InfoAnswer>();
  if (error || created === undefined || ts === undefined || !state) {
    const missing = error?.err_code === JETSTREAM_CODE.streamNotFound;
    throw new StoreUnavailable(missing ? `stream ${stream} is gone` : `stream ${stream} answered ${error?.err_code}`);
  }
  return {
    created,
    firstSequence: state.first_seq,
    lastSequence: state.last_seq,
    answeredAt: ts,
  };
}
