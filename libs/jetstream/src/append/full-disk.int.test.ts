import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type EventStore, type NewEvent, StoreUnavailable } from '@annals/core';
import { type TestNatsServer, startNatsServer } from '@annals/testing';
import { type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { type NatsConnection, connect } from '@nats-io/transport-node';
import { DEFAULT_STREAM, openJetStreamStore } from '../index.ts';

const STORE_BYTES = 4_000_000;
const BALLAST_BYTES = 2_000_000;
const BALLAST_MESSAGE = 'x'.repeat(100_000);
const TEXT = 'x'.repeat(10_000);

/** An append that nobody made room for: what was acknowledged before it, and how it was refused. */
interface Refused {
  readonly acknowledged: readonly string[];
  readonly error: unknown;
}

describe('an append for which there is no room', () => {
  let server: TestNatsServer;
  let store: EventStore;
  let nc: NatsConnection;
  let jsm: JetStreamManager;

  beforeAll(async () => {
    server = await startNatsServer({ maxFileStoreBytes: STORE_BYTES });
    nc = await connect({ servers: server.url });
    jsm = await jetstreamManager(nc);
    store = await openJetStreamStore({ servers: server.url });
  });

  afterAll(async () => {
    await store.close();
    await nc.close();
    await server.stop();
  });

  const book = (id: string) => ({ type: 'book', id });
  const pages = (count: number): NewEvent[] =>
    Array.from({ length: count }, (_, n) => ({ type: 'page.written', data: { n, text: TEXT } }));

  /** Appends until one is refused. */
  async function fill(id: string, count: number): Promise<Refused> {
    const acknowledged: string[] = [];
    while (acknowledged.length * TEXT.length < STORE_BYTES) {
      try {
        const { events } = await store.append(book(id), pages(count));
        acknowledged.push(...events.map(({ messageId }) => messageId));
      } catch (error) {
        return { acknowledged, error };
      }
    }
    throw new Error('the server took more than it has room for');
  }

  function expectRefusal(error: unknown, reason: string): void {
    expect(error).toBeInstanceOf(StoreUnavailable);
    expect(error).toMatchObject({ code: 'store-unavailable', retryable: true });
    expect((error as Error).message).toContain(reason);
  }

  /** Nothing but what was acknowledged is there, and all of that. */
  async function expectStored(id: string, messageIds: readonly string[]): Promise<void> {
    expect(messageIds.length).toBeGreaterThan(0);
    const { events } = await store.load(book(id));
    expect(events.map(({ messageId }) => messageId)).toEqual(messageIds);
    expect(events.map(({ version }) => version)).toEqual(messageIds.map((_, i) => i + 1));
  }

  async function expectGoingOn(id: string, count: number, before: readonly string[]): Promise<void> {
    const { events } = await store.append(book(id), pages(count), { expectedVersion: before.length });
    await expectStored(id, [...before, ...events.map(({ messageId }) => messageId)]);
  }

  it('in the stream is refused whole with the reason, and appends go on when the stream may grow', async () => {
    await jsm.streams.update(DEFAULT_STREAM, { max_bytes: 1_000_000 });
    const { acknowledged, error } = await fill('bounded', 20);
    expectRefusal(error, 'maximum bytes exceeded');
    await expectStored('bounded', acknowledged);

    await jsm.streams.update(DEFAULT_STREAM, { max_bytes: -1 });
    await expectGoingOn('bounded', 20, acknowledged);
  });

  it('on the server is refused with the reason, and appends go on when another stream makes room', async () => {
    await jsm.streams.add({ name: 'BALLAST', subjects: ['ballast'] });
    for (let bytes = 0; bytes < BALLAST_BYTES; bytes += BALLAST_MESSAGE.length) {
      await jetstream(nc).publish('ballast', BALLAST_MESSAGE);
    }
    // Single events: of a batch that nats-server 2.15.1 refuses here it keeps the beginning, where there is one copy.
    const { acknowledged, error } = await fill('crowded', 1);
    expectRefusal(error, 'insufficient resources');
    await expectStored('crowded', acknowledged);

    await jsm.streams.delete('BALLAST');
    await expectGoingOn('crowded', 1, acknowledged);
  });
});
