import { nanos, nuid } from '@nats-io/transport-node';
import type { RequestChannel } from '../connection/request-channel.ts';
import { RequestFailed } from '../connection/request-failed.ts';
import type { ApiError } from '../error/jetstream-codes.ts';
import { ConsumerRefused } from './consumer-refused.ts';

/** What an ephemeral consumer delivers. */
export interface ReadConsumerConfig {
  readonly name: string;
  readonly stream: string;
  /** Must not overlap (10138). */
  readonly filters: readonly string[];
  /** First stream sequence wanted, from 1. */
  readonly fromSequence: number;
  readonly headersOnly: boolean;
}

/** An ephemeral consumer as it was made, or as it was reset. */
export interface ReadConsumer {
  readonly name: string;
  /** Messages that it has to deliver, as the server that runs it knows. */
  readonly pending: number;
}

/** The server removes the consumer when nobody pulled for this long: a process may vanish. */
const INACTIVE_MS = 30_000;
const RESET_TIMEOUT_MS = 250;

/** A name for a consumer that no other has. */
export function readConsumerName(): string {
  return `annals-read-${nuid.next()}`;
}

/**
 * Makes a consumer without acknowledgements, kept in memory by one server: the fastest way to read many events in order.
 * Where the answer is lost (nats-server 2.15.1 with three nodes: now and then), asking again by the same name is safe.
 *
 * @throws RequestFailed, ConsumerRefused
 */
export async function createReadConsumer(
  channel: RequestChannel,
  config: ReadConsumerConfig,
  timeoutMs: number,
): Promise<ReadConsumer> {
  const { name, stream, filters, fromSequence, headersOnly } = config;
  const wanted = {
    name,
    ...(filters.length === 1 ? { filter_subject: filters[0] } : { filter_subjects: filters }),
    ...(fromSequence > 1
      ? { deliver_policy: 'by_start_sequence', opt_start_seq: fromSequence }
      : { deliver_policy: 'all' }),
    ack_policy: 'none',
    replay_policy: 'instant',
    headers_only: headersOnly,
    mem_storage: true,
    num_replicas: 1,
    inactive_threshold: nanos(INACTIVE_MS),
  };
  const subject = `$JS.API.CONSUMER.CREATE.${stream}.${name}`;
  const body = JSON.stringify({ stream_name: stream, config: wanted });
  return answerOf(await channel.request(subject, body, { timeoutMs }), name);
}

/**
 * Lets the consumer begin anew at a sequence. A request that comes right behind the creation may be lost (nats-server 2.15.1
 * with three nodes: 7 of 300), so it is sent again until it is answered.
 *
 * @throws RequestFailed, ConsumerRefused
 */
export async function resetReadConsumer(
  channel: RequestChannel,
  stream: string,
  name: string,
  fromSequence: number,
  deadlineMs: number,
): Promise<ReadConsumer> {
  const subject = `$JS.API.CONSUMER.RESET.${stream}.${name}`;
  for (;;) {
    try {
      const body = JSON.stringify({ seq: fromSequence });
      return answerOf(await channel.request(subject, body, { timeoutMs: RESET_TIMEOUT_MS }), name);
    } catch (error) {
      if (!(error instanceof RequestFailed) || error.reason === 'closed' || Date.now() > deadlineMs) throw error;
    }
  }
}

/** Removes the consumer without waiting: should that be lost, it goes when it was inactive for a while. */
export function removeReadConsumer(channel: RequestChannel, stream: string, name: string): void {
  try {
    channel.publish(`$JS.API.CONSUMER.DELETE.${stream}.${name}`, new Uint8Array());
  } catch {
    // The connection is closed or about to be.
  }
}

function answerOf(reply: { json<T>(): T }, name: string): ReadConsumer {
  const { error, num_pending } = reply.json<{ error?: ApiError; num_pending?: number }>();
  if (error || num_pending === undefined) throw new ConsumerRefused(error);
  return { name, pending: num_pending };
}
