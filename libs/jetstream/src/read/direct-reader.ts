import type { Msg } from '@nats-io/transport-node';
import { StoreUnavailable } from '@annals/core';
import { askRepeatedly } from '../connection/ask-repeatedly.ts';
import type { RequestChannel } from '../connection/request-channel.ts';
import { statusOf } from '../header/header-block.ts';
import { NATS_HEADER } from '../header/header-names.ts';
import { directMessage } from './direct-message.ts';
import type { StoredMessage } from './stored-message.ts';

/** What a Direct Get answered. */
export interface DirectAnswer<T> {
  /** `too-many`: more than 1,024 subjects match, and nothing was sent. */
  readonly outcome: 'found' | 'none' | 'too-many';
  /** In ascending sequence. */
  readonly messages: readonly T[];
  /** The last stream sequence of the server that answered; 0 when it did not say, which is so unless something was found. */
  readonly upToSequence: number;
  /** True when the answer was ended by its limit of bytes, so that more is to be had. */
  readonly cut: boolean;
}

/** The newest messages under filters, those from a sequence on, or those of a filter from a sequence on. */
export type DirectQuery =
  | { readonly multi_last: readonly string[]; readonly max_bytes?: number }
  | { readonly seq: number; readonly batch: number; readonly next_by_subj?: string; readonly max_bytes?: number };

const MAX_VANISHED = 5;

/** Statuses of Direct Get (ADR-31; nats-server 2.15.1). */
const STATUS = { end: 204, notFound: 404, tooManyResults: 413 } as const;

/** Reads stored messages by Direct Get, which any replica answers. */
export class DirectReader {
  /** @param timeoutMs milliseconds that one request may take, repetitions included; the channel's default unless given */
  constructor(
    private readonly channel: RequestChannel,
    private readonly timeoutMs = channel.defaultTimeoutMs,
  ) {}

  /**
   * @param decode called for every message in the order of arrival; the message's body is only valid during the call
   * @throws StoreUnavailable, and what `decode` throws
   */
  async get<T>(stream: string, query: DirectQuery, decode: (message: StoredMessage) => T): Promise<DirectAnswer<T>> {
    const body = JSON.stringify(query);
    for (let vanished = 0; vanished < MAX_VANISHED; vanished++) {
      const answer = await askRepeatedly(this.timeoutMs, (timeoutMs) => this.ask(stream, body, decode, timeoutMs));
      // Otherwise a message was deleted while the server was answering.
      if (answer) return answer;
    }
    throw new StoreUnavailable(`events of ${stream} vanish while they are read`);
  }

  private async ask<T>(
    stream: string,
    body: string,
    decode: (message: StoredMessage) => T,
    timeoutMs: number,
  ): Promise<DirectAnswer<T> | undefined> {
    const messages: T[] = [];
    const onMessage = (msg: Msg): void => {
      messages.push(decode(directMessage(stream, msg)));
    };
    const end = await this.channel.collect(`$JS.API.DIRECT.GET.${stream}`, body, onMessage, { timeoutMs });
    const status = statusOf(end);
    if (status === STATUS.end) {
      const upToSequence = Number(end.headers?.get(NATS_HEADER.upToSequence) || 0);
      const cut = Number(end.headers?.get(NATS_HEADER.numPending) || 0) > 0;
      return { outcome: 'found', messages, upToSequence, cut };
    }
    if (status === STATUS.notFound) {
      return messages.length > 0 ? undefined : { outcome: 'none', messages, upToSequence: 0, cut: false };
    }
    if (status === STATUS.tooManyResults) return { outcome: 'too-many', messages, upToSequence: 0, cut: false };
    throw new StoreUnavailable(`stream ${stream} answered ${status} (${end.headers?.description ?? ''})`);
  }
}
