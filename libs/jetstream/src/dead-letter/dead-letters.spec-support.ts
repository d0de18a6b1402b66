import { afterAll, afterEach, beforeAll } from '@jest/globals';
import {
  type AggregateRef,
  type DeadLetterKey,
  type NewEvent,
  type RecordedEvent,
  laneOf,
  silentLogger,
} from '@annals/core';
import { type TestNatsServer, startNatsServer } from '@annals/testing';
import type { JetStreamManager } from '@nats-io/jetstream';
import { type NatsConnection, connect } from '@nats-io/transport-node';
import { RequestChannel } from '../connection/request-channel.ts';
import { checkServer } from '../provision/check-server.ts';
import { LeaderReader } from '../read/leader-reader.ts';
import { type StoredMessage, storedEvent } from '../read/stored-message.ts';
import { openJetStreamStore } from '../store/open-jetstream-store.ts';
import { DEAD_LETTER_STREAM, REDELIVERY_STREAM, SUBSCRIPTION_BUCKET } from '../subscribe/subscription-names.ts';
import { resolveTopology } from '../topology/topology.ts';
import { type DeadLetterParts, type DeadLetterPartsOptions, createDeadLetterParts } from './dead-letter-parts.ts';
import type { LetterToPost } from './letter-box.ts';

/** A server on which every test finds no letters. */
export interface LetterBench {
  readonly server: TestNatsServer;
  readonly nc: NatsConnection;
  readonly jsm: JetStreamManager;
  readonly channel: RequestChannel;
  /** What one process has; each call is another process. */
  process(options?: Partial<DeadLetterPartsOptions>): DeadLetterParts;
  /** Appends events to one aggregate, an order unless it is named in full. */
  append(aggregate: string | AggregateRef, events: number | readonly NewEvent[]): Promise<readonly StoredMessage[]>;
}

/** Registers the server for a spec. */
export function useLetterBench(): LetterBench {
  const bench: { -readonly [Field in keyof LetterBench]?: LetterBench[Field] } = {};
  let closeStore: () => Promise<void>;

  beforeAll(async () => {
    const server = await startNatsServer();
    const nc = await connect({ servers: server.url });
    const jsm = await checkServer(nc);
    const channel = new RequestChannel(nc, 5_000);
    const store = await openJetStreamStore({ connection: nc });
    closeStore = () => store.close();
    Object.assign(bench, {
      server,
      nc,
      jsm,
      channel,
      process: (options: Partial<DeadLetterPartsOptions> = {}) =>
        createDeadLetterParts({
          jsm,
          channel,
          topology: resolveTopology(),
          replicas: 1,
          logger: silentLogger,
          ...options,
        }),
      append: async (aggregate: string | AggregateRef, events: number | readonly NewEvent[]) => {
        const list =
          typeof events === 'number'
            ? Array.from({ length: events }, (_, i) => ({ type: 'order.changed', data: { i } }))
            : events;
        const { events: appended } = await store.append(
          typeof aggregate === 'string' ? { type: 'order', id: aggregate } : aggregate,
          list,
        );
        return Promise.all(appended.map(({ position }) => messageAt(channel, position.sequence)));
      },
    });
  });

  afterEach(async () => {
    for (const stream of [DEAD_LETTER_STREAM, REDELIVERY_STREAM, `KV_${SUBSCRIPTION_BUCKET}`]) {
      await bench.jsm!.streams.delete(stream).catch(() => {});
    }
  });

  afterAll(async () => {
    await closeStore?.();
    bench.channel?.close();
    await bench.nc?.close();
    await bench.server?.stop();
  });

  return bench as LetterBench;
}

/** A letter about an event that a subscription's handler failed with. */
export function letterOf(
  message: StoredMessage,
  { subscription = 'billing', ...details }: Partial<LetterToPost> & { subscription?: string } = {},
): LetterToPost {
  return {
    key: keyOf(message, subscription),
    message,
    lane: laneOf(storedEvent(message)),
    kind: 'attempts-exhausted',
    reason: 'it failed',
    attempts: 5,
    redrives: 0,
    ...details,
  };
}

export function keyOf({ stream, sequence }: StoredMessage, subscription = 'billing'): DeadLetterKey {
  return { subscription, stream, sequence };
}

/** The event as a reader of its stream sees it. */
export function eventOf(message: StoredMessage): RecordedEvent {
  return storedEvent(message);
}

async function messageAt(channel: RequestChannel, sequence: number): Promise<StoredMessage> {
  return (await new LeaderReader(channel).message('EVENTS', { seq: sequence }))!;
}
