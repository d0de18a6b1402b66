import { StoreUnavailable } from '@annals/core';
import { askRepeatedly } from '../connection/ask-repeatedly.ts';
import type { RequestChannel } from '../connection/request-channel.ts';
import { type ApiError, JETSTREAM_CODE } from '../error/jetstream-codes.ts';
import type { StoredMessage } from './stored-message.ts';

/**
 * Which message to ask the leader for: the newest one of a filter, the one at a sequence, or the first one of a filter from
 * a sequence or a time (RFC 3339) on.
 */
export type LeaderQuery =
  | { readonly last_by_subj: string }
  | { readonly seq: number; readonly next_by_subj?: string }
  | { readonly start_time: string; readonly next_by_subj: string };

interface MessageAnswer {
  readonly error?: ApiError;
  readonly message?: {
    readonly subject: string;
    readonly seq: number;
    readonly time: string;
    /** Base64; absent when the message has none. */
    readonly hdrs?: string;
    /** Base64; absent when the body is empty. */
    readonly data?: string;
  };
}

/**
 * Reads single messages from a stream's leader, which has everything that was acknowledged: a replica that answers a
 * Direct Get may lag behind (three nodes: 83 of 1,500 reads right after an ack missed the event, none by the leader).
 */
export class LeaderReader {
  constructor(private readonly channel: RequestChannel) {}

  /**
   * @returns the message, or undefined when none is stored there
   * @throws StoreUnavailable
   */
  async message(stream: string, query: LeaderQuery): Promise<StoredMessage | undefined> {
    const body = JSON.stringify(query);
    const reply = await askRepeatedly(this.channel.defaultTimeoutMs, (timeoutMs) =>
      this.channel.request(`$JS.API.STREAM.MSG.GET.${stream}`, body, { timeoutMs }),
    );
    const { error, message } = reply.json<MessageAnswer>();
    if (error?.err_code === JETSTREAM_CODE.noMessageFound) return undefined;
    if (error || !message) throw refused(stream, error);
    return {
      stream,
      sequence: message.seq,
      subject: message.subject,
      recordedAt: message.time,
      headers: message.hdrs ? Buffer.from(message.hdrs, 'base64').toString('latin1') : '',
      body: message.data ? Buffer.from(message.data, 'base64') : new Uint8Array(),
    };
  }
}

function refused(stream: string, error: ApiError | undefined): StoreUnavailable {
  return new StoreUnavailable(
    `stream ${stream} answered ${error?.err_code ?? 'nothing'} (${error?.description ?? ''})`,
    {
      cause: error,
    },
  );
}
