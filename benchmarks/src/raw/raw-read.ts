import type { EventMessage } from '@annals/core';
import { type JetStreamClient, type JetStreamManager, type StoredMsg, jetstreamManager } from '@nats-io/jetstream';
import { type Head, NO_HEAD } from '../contender/contender.ts';
import { QuantitySum } from '../contender/quantity.ts';
import { RAW_STREAM, rawFilter, rawVersion } from './raw-stream.ts';

/** A message is the answer to a filter of its own: more filters than this in one request make all others wait. */
const VERSIONS_PER_REQUEST = 500;
const REQUESTS_IN_FLIGHT = 2;
const CONSUMER_BATCH = 5_000;

/** The head as the stream has it, version and sequence 0 without events. */
export async function readHead(jsm: JetStreamManager, aggregateId: string): Promise<Head> {
  const message = await jsm.direct.getMessage(RAW_STREAM, { last_by_subj: rawFilter(aggregateId) });
  return message ? { version: rawVersion(message.subject), sequence: message.seq } : NO_HEAD;
}

/**
 * Asks for the last message of each subject under the filters. With a callback, since the client's iterator form (3.4.0)
 * never gives up its subscription, and is slower.
 */
export function readLast(
  jsm: JetStreamManager,
  filters: readonly string[],
  onMessage: (message: StoredMsg) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const callback = (done: { err?: Error } | null, message: StoredMsg) => {
      if (done === null) onMessage(message);
      else if (done.err) reject(done.err);
      else resolve();
    };
    jsm.direct.getLastMessagesFor(RAW_STREAM, { multi_last: [...filters], callback }).catch(reject);
  });
}

/** A large aggregate: over 1,024 subjects the server refuses a wildcard (413), so versions are asked for by name. */
export async function readVersions(jsm: JetStreamManager, aggregateId: string, to: number): Promise<QuantitySum> {
  const parts: EventMessage[][] = [];
  let next = 1;
  const work = async () => {
    while (next <= to) {
      const from = next;
      next += VERSIONS_PER_REQUEST;
      const count = Math.min(VERSIONS_PER_REQUEST, to - from + 1);
      const filters = Array.from({ length: count }, (_, index) => rawFilter(aggregateId, from + index));
      const part: EventMessage[] = [];
      parts[(from - 1) / VERSIONS_PER_REQUEST] = part;
      await readLast(jsm, filters, (message) => part.push(message.json<EventMessage>()));
    }
  };
  await Promise.all(Array.from({ length: REQUESTS_IN_FLIGHT }, work));
  const sum = new QuantitySum();
  for (const part of parts) for (const event of part) sum.add(event);
  return sum;
}

/** The whole stream by an ordered consumer with a callback, the fastest that the client offers. */
export async function readStream(js: JetStreamClient, expected: number): Promise<QuantitySum> {
  const consumer = await js.consumers.get(RAW_STREAM);
  const sum = new QuantitySum();
  await new Promise<void>((resolve, reject) => {
    const consume = consumer.consume({
      max_messages: CONSUMER_BATCH,
      callback: (message) => {
        sum.add(message.json<EventMessage>());
        if (sum.events === expected) resolve();
      },
    });
    consume
      .then((messages) => messages.closed())
      .then((error) => reject(error ?? new Error('the consumer ended early')), reject);
  });
  await consumer.delete();
  return sum;
}

/** A manager whose requests have the time that a loaded server may need. */
export function openManager(nc: Parameters<typeof jetstreamManager>[0]): Promise<JetStreamManager> {
  return jetstreamManager(nc, { timeout: 30_000 });
}
