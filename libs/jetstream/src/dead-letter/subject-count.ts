import { StoreUnavailable } from '@annals/core';
import { askRepeatedly } from '../connection/ask-repeatedly.ts';
import type { RequestChannel } from '../connection/request-channel.ts';
import { type ApiError, JETSTREAM_CODE } from '../error/jetstream-codes.ts';

/** Behind every list of subjects: the answer has their number, and none of them (nats-server 2.15.1, seen). */
const BEHIND_ALL = 2 ** 31 - 1;

/**
 * How many subjects of a stream match, as its leader knows: where a subject holds one message, how many messages
 * (200,000: 50 ms).
 *
 * @throws StoreUnavailable
 */
export async function countSubjects(channel: RequestChannel, stream: string, filter: string): Promise<number> {
  const body = JSON.stringify({ subjects_filter: filter, offset: BEHIND_ALL });
  const reply = await askRepeatedly(channel.defaultTimeoutMs, (timeoutMs) =>
    channel.request(`$JS.API.STREAM.INFO.${stream}`, body, { timeoutMs }),
  );
  const { error, total } = reply.json<{ error?: ApiError; total?: number }>();
  if (error?.err_code === JETSTREAM_CODE.streamNotFound) return 0;
  if (error) throw new StoreUnavailable(`stream ${stream} answered ${error.err_code} (${error.description})`);
  return total ?? 0;
}
