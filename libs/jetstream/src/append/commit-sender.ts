import { randomBytes } from 'node:crypto';
import type { Msg } from '@nats-io/transport-node';
import { encodedHeaders } from '../connection/encoded-headers.ts';
import type { ReplyHandler, RequestChannel } from '../connection/request-channel.ts';
import { RequestFailed } from '../connection/request-failed.ts';
import { type ApiError, JETSTREAM_CODE } from '../error/jetstream-codes.ts';
import { NATS_HEADER } from '../header/header-names.ts';
import type { CommitMessage } from './commit-messages.ts';

/** What became of a commit. */
export type CommitOutcome =
  /** It is stored, its last message at `lastSequence`, the others right before it. */
  | { readonly kind: 'landed'; readonly lastSequence: number }
  /** An expectation did not hold: nothing of it is stored, nor will be. */
  | { readonly kind: 'conflict'; readonly code: number }
  /**
   * The server refused it for another reason: nothing of it is stored, nor will be. One exception was seen: a batch for
   * which one node (2.15.1) has no more space (10023) leaves its beginning behind, see docs/guides/running.md.
   */
  | { readonly kind: 'refused'; readonly error: ApiError }
  /** It was not sent. */
  | { readonly kind: 'unsent'; readonly cause: unknown }
  /** It may be stored, or may still be. */
  | { readonly kind: 'unknown'; readonly cause: unknown };

interface PubAck {
  readonly error?: ApiError;
  readonly seq?: number;
  readonly duplicate?: boolean;
}

const CONFLICTS: ReadonlySet<number> = new Set([
  JETSTREAM_CODE.wrongLastSequence,
  JETSTREAM_CODE.expectationInFlight,
  JETSTREAM_CODE.duplicateInBatch,
]);
/** Answers after which the batch may land all the same, or of which that is not known. */
const UNKNOWN: ReadonlySet<number> = new Set([
  JETSTREAM_CODE.temporarilyUnavailable,
  JETSTREAM_CODE.batchIncomplete,
  JETSTREAM_CODE.tooManyBatches,
]);

/** Puts the messages of a commit on the wire: one as a plain publish, several as an atomic batch (ADR-50). */
export class CommitSender {
  /** Distinguishes the batches of all processes; at most 64 characters with the counter. */
  private readonly batchPrefix = randomBytes(12).toString('base64url');
  private batches = 0;

  constructor(
    private readonly channel: RequestChannel,
    private readonly timeoutMs: number,
  ) {}

  /** @param done called once, synchronously with the server's answer where one comes */
  send(messages: readonly CommitMessage[], done: (outcome: CommitOutcome) => void): void {
    if (!this.channel.connected) {
      const reason = this.channel.nc.isClosed() ? 'closed' : 'disconnected';
      done({ kind: 'unsent', cause: new RequestFailed(reason, 'publish') });
      return;
    }
    const handler: ReplyHandler = {
      resolve: (reply) => done(outcomeOf(reply)),
      reject: (cause) => done(outcomeWithoutReply(cause)),
    };
    if (messages.length === 1) this.sendOne(messages[0]!, handler);
    else this.sendBatch(messages, handler);
  }

  private sendOne({ subject, headers, body }: CommitMessage, handler: ReplyHandler): void {
    this.request(handler, subject, body, `${headers}\r\n`);
  }

  private sendBatch(messages: readonly CommitMessage[], handler: ReplyHandler): void {
    const id = `${this.batchPrefix}.${(++this.batches).toString(36)}`;
    const place = `${NATS_HEADER.batchId}: ${id}\r\n${NATS_HEADER.batchSequence}: `;
    const last = messages.length - 1;
    try {
      for (let i = 0; i < last; i++) {
        const { subject, headers, body } = messages[i]!;
        this.channel.publish(subject, body, encodedHeaders(`${headers}${place}${i + 1}\r\n\r\n`));
      }
    } catch (cause) {
      handler.reject(cause);
      return;
    }
    const { subject, headers, body } = messages[last]!;
    const commit = `${headers}${place}${last + 1}\r\n${NATS_HEADER.batchCommit}: 1\r\n\r\n`;
    this.request(handler, subject, body, commit);
  }

  private request(handler: ReplyHandler, subject: string, body: Uint8Array, block: string): void {
    const { timeoutMs } = this;
    this.channel.requestFor(handler, subject, body, { headers: encodedHeaders(block), timeoutMs });
  }
}

/**
 * No responders: no server has a leader for the stream, so the last message reached no one; a batch without its commit is
 * abandoned after 10 s (ADR-50).
 */
function outcomeWithoutReply(cause: unknown): CommitOutcome {
  // What the client itself refuses to send (a payload over a limit that it has just learnt) is sent at no time.
  if (!(cause instanceof RequestFailed)) {
    return { kind: 'refused', error: { code: 400, err_code: 0, description: (cause as Error).message } };
  }
  return { kind: cause.sent ? 'unknown' : 'unsent', cause };
}

function outcomeOf(reply: Msg): CommitOutcome {
  const { buffer, byteOffset, length } = reply.data;
  let ack: PubAck;
  try {
    ack = JSON.parse(Buffer.from(buffer, byteOffset, length).toString('latin1')) as PubAck;
  } catch (cause) {
    return { kind: 'unknown', cause };
  }
  if (ack.error) {
    const code = ack.error.err_code;
    if (CONFLICTS.has(code)) return { kind: 'conflict', code };
    if (UNKNOWN.has(code)) return { kind: 'unknown', cause: ack.error };
    return { kind: 'refused', error: ack.error };
  }
  // A duplicate is an ack for something that was not stored; it cannot come of us, who send no Nats-Msg-Id.
  if (ack.seq === undefined || ack.duplicate) return { kind: 'unknown', cause: ack };
  return { kind: 'landed', lastSequence: ack.seq };
}
