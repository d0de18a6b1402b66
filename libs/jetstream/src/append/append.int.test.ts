import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AggregateRef, type EventStore, type NewEvent, isConcurrencyError } from '@annals/core';
import { type TestNatsServer, eventually, startNatsServer } from '@annals/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { type JetStreamStoreOptions, openJetStreamStore } from '../index.ts';

describe('appending to JetStream', () => {
  let server: TestNatsServer;
  const stores: EventStore[] = [];
  let nextTenant = 0;

  beforeAll(async () => {
    server = await startNatsServer();
  });

  afterAll(async () => {
    await Promise.all(stores.map((store) => store.close()));
    await server.stop();
  });

  async function open(options: JetStreamStoreOptions = {}): Promise<EventStore> {
    const store = await openJetStreamStore({ servers: server.url, ...options });
    stores.push(store);
    return store;
  }

  /** Names aggregates of a tenant that no other test has. */
  function aggregates(): (id: string) => AggregateRef {
    const tenantId = `append-${nextTenant++}`;
    return (id) => ({ tenantId, type: 'thing', id });
  }

  const event = (n = 0): NewEvent => ({ type: 'thing.happened', data: { n } });
  const events = (count: number): NewEvent[] => Array.from({ length: count }, (_, n) => event(n));

  it('lets exactly one of 64 writers of two processes win each version', async () => {
    const [one, two] = [await open(), await open()];
    const ref = aggregates()('contended');
    const won: number[] = [];
    await Promise.all(
      Array.from({ length: 64 }, async (_, writer) => {
        const store = writer % 2 ? one : two;
        let expectedVersion = 0;
        for (let wins = 0; wins < 5;) {
          try {
            const { events } = await store.append(ref, event(writer), { expectedVersion });
            expectedVersion = events[0]!.version!;
            won.push(expectedVersion);
            wins++;
          } catch (error) {
            if (!isConcurrencyError(error)) throw error;
            expect(error.expectedVersion).toBe(expectedVersion);
            expect(error.actualVersion).toBeGreaterThan(expectedVersion);
            expectedVersion = error.actualVersion;
          }
        }
      }),
    );
    expect(won.sort((a, b) => a - b)).toEqual(Array.from({ length: 320 }, (_, i) => i + 1));
    expect(await one.currentVersion(ref)).toBe(320);
  });

  it('refuses a stale append alone, not the others that were gathered with it', async () => {
    const store = await open();
    const other = await open();
    const ref = aggregates();
    await store.append(ref('stale'), event());
    // Behind the store's back, so that its known head is wrong when the batch is gathered.
    await other.append(ref('stale'), event());
    const gathered = Array.from({ length: 50 }, (_, i) => store.append(ref(`fresh-${i}`), events(2)));
    const stale = store.append(ref('stale'), events(2), { expectedVersion: 1 });
    await expect(stale).rejects.toMatchObject({ code: 'concurrency-conflict', expectedVersion: 1, actualVersion: 2 });
    const results = await Promise.all(gathered);
    expect(results.every(({ heads }) => heads[0]!.version === 2)).toBe(true);
  });

  it('gives several appends to one aggregate consecutive versions in the order of the calls', async () => {
    const store = await open();
    const ref = aggregates()('ordered');
    const results = await Promise.all(Array.from({ length: 30 }, (_, i) => store.append(ref, events((i % 3) + 1))));
    const versions = results.flatMap(({ events }) => events.map(({ version }) => version));
    expect(versions).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
    const sequences = results.flatMap(({ events }) => events.map(({ position }) => position.sequence));
    expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
  });

  it('stays right when it forgets the heads of most aggregates', async () => {
    const store = await open({ headCacheSize: 2 });
    const ref = aggregates();
    for (let round = 0; round < 3; round++) {
      await Promise.all(
        Array.from({ length: 20 }, (_, i) => store.append(ref(`a${i}`), event(), { expectedVersion: round })),
      );
    }
    expect(await store.currentVersion(ref('a7'))).toBe(3);
    const load = await store.load(ref('a7'));
    expect(load.events.map(({ version }) => version)).toEqual([1, 2, 3]);
  });

  it('answers Overloaded when too much waits, takes more later, and writes nothing of what it refused', async () => {
    const store = await open({ maxPendingEvents: 50 });
    const ref = aggregates();
    const attempts = await Promise.allSettled(
      Array.from({ length: 30 }, (_, i) => store.append(ref(`a${i}`), events(10))),
    );
    const refused = attempts.filter((attempt) => attempt.status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.every(({ reason }) => reason.code === 'overloaded' && reason.retryable)).toBe(true);
    const stored = await store.count({ tenantId: ref('').tenantId });
    expect(stored).toBe((30 - refused.length) * 10);
    await expect(store.append(ref('later'), event())).resolves.toMatchObject({ repeated: false });
  });

  it('forgets an idempotency key after its time', async () => {
    const store = await open({ idempotencyTtlMs: 1_000 });
    const ref = aggregates()('ttl');
    await store.append(ref, event(), { idempotencyKey: 'key' });
    expect((await store.append(ref, event(), { idempotencyKey: 'key' })).repeated).toBe(true);
    await eventually(async () => !(await store.append(ref, event(), { idempotencyKey: 'key' })).repeated);
    expect(await store.currentVersion(ref)).toBe(2);
  });

  it('takes large events beside small ones', async () => {
    const store = await open();
    const ref = aggregates();
    const large = { type: 'thing.grew', data: 'x'.repeat(400_000) };
    const results = await Promise.all([
      ...Array.from({ length: 10 }, (_, i) => store.append(ref(`small-${i}`), events(3))),
      ...Array.from({ length: 10 }, (_, i) => store.append(ref(`large-${i}`), [large, large])),
    ]);
    expect(results.map(({ heads }) => heads[0]!.version)).toEqual([...Array(10).fill(3), ...Array(10).fill(2)]);
  });

  it('stores time, hash, salt and trace context in headers, and the expectation on the aggregate', async () => {
    const store = await open();
    const ref = aggregates()('headers');
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const { events: appended } = await store.append(
      ref,
      { ...event(), timestamp: '2024-05-06T07:08:09.123456Z' },
      { traceContext: { traceparent, tracestate: 'vendor=1' } },
    );
    const nc = await connect({ servers: server.url });
    const jsm = await jetstreamManager(nc);
    const message = (await jsm.streams.getMessage('EVENTS', { seq: appended[0]!.position.sequence }))!;
    await nc.close();
    expect(message.subject).toBe(`evt.${ref.tenantId}.thing.headers.1.thing.happened`);
    expect(message.header.get('Annals-Time')).toBe('2024-05-06T07:08:09.123456Z');
    expect(message.header.get('Annals-Hash')).toMatch(/^[\w-]{43}$/);
    expect(message.header.get('Annals-Salt')).toMatch(/^[\w-]{22}$/);
    expect(message.header.get('traceparent')).toBe(traceparent);
    expect(message.header.get('tracestate')).toBe('vendor=1');
    expect(message.header.get('Nats-Expected-Last-Subject-Sequence-Subject')).toBe(
      `evt.${ref.tenantId}.thing.headers.>`,
    );
  });

  it('refuses to count on from a newest message that is no event', async () => {
    const store = await open();
    const ref = aggregates()('foreign');
    const nc = await connect({ servers: server.url });
    await nc.request(`evt.${ref.tenantId}.thing.foreign.foo.bar`, '{}');
    await nc.close();
    await expect(store.append(ref, event())).rejects.toMatchObject({ code: 'corrupt-event' });
    await expect(store.append(ref, events(3))).rejects.toMatchObject({ code: 'corrupt-event' });
  });

  it('does not take another type under a known message id for a repetition', async () => {
    const store = await open();
    const { tenantId } = aggregates()('')!;
    const loose = (type: string) =>
      store.appendAll([{ tenantId: tenantId!, events: [{ type, data: null, messageId: 'loose' }] }]);
    await loose('thing.happened');
    expect((await loose('thing.happened')).repeated).toBe(true);
    await expect(loose('thing.else')).rejects.toMatchObject({ code: 'validation-failed' });
  });

  it('gives each version once when an early append is taken up again while others go on', async () => {
    const store = await open();
    const ref = aggregates();
    await Promise.all(
      Array.from({ length: 40 }, async (_, i) => {
        const aggregate = ref(`a${i}`);
        await store.append(aggregate, events(3));
        // Expects what the next append will make true while its key is being looked up.
        const early = store.append(aggregate, events(2), { expectedVersion: 4, idempotencyKey: `early-${i}` });
        await store.append(aggregate, event());
        const late = Array.from({ length: 5 }, () => store.append(aggregate, events(2)));
        await Promise.allSettled([early, ...late]);
        const { version, events: stored } = await store.load(aggregate);
        expect(stored.map(({ version }) => version)).toEqual(Array.from({ length: version }, (_, n) => n + 1));
        expect(await store.count({ tenantId: aggregate.tenantId!, aggregateId: aggregate.id })).toBe(version);
      }),
    );
  });

  it('ends what waits, then refuses, when it is closed', async () => {
    const store = await openJetStreamStore({ servers: server.url });
    const ref = aggregates();
    const waiting = Array.from({ length: 100 }, (_, i) => store.append(ref(`a${i}`), events(2)));
    const closed = store.close();
    await expect(store.append(ref('late'), event())).rejects.toMatchObject({ code: 'store-closed' });
    expect((await Promise.all(waiting)).every(({ heads }) => heads[0]!.version === 2)).toBe(true);
    await closed;
  });

  it('refuses within its time while the server is away, writes nothing, and goes on when it is back', async () => {
    const own = await startNatsServer();
    const store = await openJetStreamStore({ servers: own.url, appendTimeoutMs: 500, requestTimeoutMs: 300 });
    const ref = aggregates()('away');
    await store.append(ref, event());
    await own.kill();
    await eventually(async () => (await store.status()).state === 'disconnected');
    const before = Date.now();
    await expect(store.append(ref, events(3))).rejects.toMatchObject({ code: 'store-unavailable', retryable: true });
    expect(Date.now() - before).toBeLessThan(5_000);
    await own.restart();
    await eventually(async () => (await store.status()).state === 'ready');
    expect(await store.currentVersion(ref)).toBe(1);
    await expect(store.append(ref, event(), { expectedVersion: 1 })).resolves.toMatchObject({ repeated: false });
    await store.close();
    await own.stop();
  });
});

describe('appending with several streams', () => {
  it('keeps an append within one stream', async () => {
    const server = await startNatsServer();
    const store = await openJetStreamStore({
      servers: server.url,
      topology: { streams: [{ stream: 'ORDERS', aggregateTypes: ['order'] }] },
    });
    try {
      const order = { type: 'order', id: '1' };
      const user = { type: 'user', id: '1' };
      const created: NewEvent = { type: 'thing.created', data: null };
      await expect(
        store.appendAll([
          { aggregate: order, events: [created] },
          { aggregate: user, events: [created] },
        ]),
      ).rejects.toMatchObject({ code: 'cross-stream-append', streams: ['EVENTS', 'ORDERS'] });
      const first = await store.append(order, created);
      const second = await store.append(user, created);
      expect(first.events[0]!.position).toEqual({ stream: 'ORDERS', sequence: 1 });
      expect(second.events[0]!.position).toEqual({ stream: 'EVENTS', sequence: 1 });
      expect(await store.count()).toBe(2);
    } finally {
      await store.close();
      await server.stop();
    }
  });
});
