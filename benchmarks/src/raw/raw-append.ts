import type { NewEvent } from '@annals/core';
import { type JetStreamClient, JetStreamApiError } from '@nats-io/jetstream';
import { type NatsConnection, headers } from '@nats-io/transport-node';
import { envelope } from '../event/envelope.ts';
import { rawFilter, rawSubject } from './raw-stream.ts';

/** Server error numbers by which an expectation is refused: wrong last sequence, and a commit of it still in flight (R3). */
const REFUSED = new Set([10071, 10164]);

const REQUEST_TIMEOUT_MS = 10_000;

/** True when the server refused an append because another writer was first. */
export function isRefusal(error: unknown): boolean {
  return error instanceof JetStreamApiError && REFUSED.has(error.code);
}

/** Publishes one event with its expectation, as the client's documentation shows it. Returns its stream sequence. */
export async function publishOne(
  js: JetStreamClient,
  aggregateId: string,
  version: number,
  expectedSequence: number,
  event: NewEvent,
): Promise<number> {
  const body = JSON.stringify(envelope(aggregateId, version, event));
  const ack = await js.publish(rawSubject(aggregateId, version, event.type), body, {
    timeout: REQUEST_TIMEOUT_MS,
    expect: { lastSubjectSequence: expectedSequence, lastSubjectSequenceSubject: rawFilter(aggregateId) },
  });
  return ack.seq;
}

/**
 * Publishes several events as one atomic batch: raw headers, all but the last without waiting (ADR-50). The client's own
 * batch publisher is not used: in 3.4.0 it drops the expectations. Returns the last event's stream sequence.
 */
export async function publishBatch(
  nc: NatsConnection,
  batchId: string,
  aggregateId: string,
  firstVersion: number,
  expectedSequence: number,
  events: readonly NewEvent[],
): Promise<number> {
  const filter = rawFilter(aggregateId);
  let correlationId: string | undefined;
  for (const [index, event] of events.entries()) {
    const version = firstVersion + index;
    const message = envelope(aggregateId, version, event, correlationId);
    correlationId ??= message.messageId;
    const subject = rawSubject(aggregateId, version, event.type);
    const h = headers();
    h.set('Nats-Expected-Last-Subject-Sequence', String(expectedSequence));
    h.set('Nats-Expected-Last-Subject-Sequence-Subject', filter);
    h.set('Nats-Batch-Id', batchId);
    h.set('Nats-Batch-Sequence', String(index + 1));
    if (index < events.length - 1) {
      nc.publish(subject, JSON.stringify(message), { headers: h });
      continue;
    }
    h.set('Nats-Batch-Commit', '1');
    const reply = await nc.request(subject, JSON.stringify(message), { headers: h, timeout: REQUEST_TIMEOUT_MS });
    return sequenceOf(reply.json());
  }
  throw new RangeError('a batch has at least one event');
}

function sequenceOf(ack: { seq?: number; error?: { err_code: number; code: number; description: string } }): number {
  if (ack.error) throw new JetStreamApiError(ack.error);
  return ack.seq!;
}
