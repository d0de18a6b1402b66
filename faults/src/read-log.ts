import { jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';

/** A message of the log as the raw client reads it. */
export interface StoredMessage {
  readonly subject: string;
  readonly bytes: Uint8Array;
  readonly body: { readonly messageId: string; readonly version: number };
  readonly hash: string;
  readonly salt: string;
}

/** The whole log in order, by the client's own ordered consumer: the store's readers are not trusted here. */
export async function readLog(nc: NatsConnection, stream: string): Promise<StoredMessage[]> {
  const consumer = await jetstream(nc).consumers.get(stream, { filter_subjects: ['evt.>'] });
  const { num_pending: pending } = await consumer.info();
  const log: StoredMessage[] = [];
  if (pending === 0) return log;
  for await (const message of await consumer.consume()) {
    const bytes = message.data;
    log.push({
      subject: message.subject,
      bytes,
      body: message.json(),
      hash: message.headers?.get('Annals-Hash') ?? '',
      salt: message.headers?.get('Annals-Salt') ?? '',
    });
    if (message.info.pending === 0) break;
  }
  return log;
}
