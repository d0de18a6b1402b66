import { jest } from '@jest/globals';
import { ClientsModule } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import type { Logger, RecordedEvent } from '@annals/core';
import { createInMemoryStore, eventually } from '@annals/testing';
import { firstValueFrom, lastValueFrom } from 'rxjs';
import { storedIn } from '../subscribe/observed-store.spec-support.ts';
import { type AppendResult, EventRecordBuilder, EventsClient, EventsModule } from '../index.ts';

describe('EventsClient', () => {
  it('appends what is emitted, and gives the result', async () => {
    const store = createInMemoryStore();
    const client = new EventsClient({ store, tenantId: 'acme', source: { name: 'users' } });
    const result = await lastValueFrom(client.emit('user.created', { name: 'Ada' }));
    expect(result.events).toEqual([expect.objectContaining({ type: 'user.created', tenantId: 'acme' })]);
    const [event] = await storedIn(store);
    expect(event).toMatchObject({ data: { name: 'Ada' }, source: { name: 'users' } });
  });

  it('takes a record with all that can be said of an event', async () => {
    const store = createInMemoryStore();
    const said = {
      messageId: 'm1',
      correlationId: 'c1',
      causationId: 'm0',
      userId: 'u1',
      tenantId: 'acme',
      tags: ['vendor:1'],
      metadata: { a: 1 },
      timestamp: '2026-01-01T00:00:00Z',
      schemaVersion: 2,
      source: { name: 'import' },
      traceContext: { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` },
    };
    const record = new EventRecordBuilder({ name: '' })
      .setData({ name: 'Ada' })
      .setAggregate('user', '1')
      .setExpectedVersion('none')
      .setMessageId(said.messageId)
      .setCorrelationId(said.correlationId)
      .setCausationId(said.causationId)
      .setUserId(said.userId)
      .setTenantId(said.tenantId)
      .setTags(said.tags)
      .setMetadata(said.metadata)
      .setTimestamp(said.timestamp)
      .setSchemaVersion(said.schemaVersion)
      .setSource(said.source)
      .setTraceContext(said.traceContext)
      .setIdempotencyKey('key-1')
      .build();
    const client = new EventsClient({ store });
    await lastValueFrom(client.emit('user.created', record));
    expect(await lastValueFrom(client.emit('user.created', record))).toMatchObject({ repeated: true });
    const stored: RecordedEvent[] = await storedIn(store);
    expect(stored).toEqual([
      expect.objectContaining({ ...said, data: { name: 'Ada' }, aggregateType: 'user', aggregateId: '1', version: 1 }),
    ]);
  });

  it('gives the error of the store', async () => {
    const client = new EventsClient({ store: createInMemoryStore() });
    const record = new EventRecordBuilder({}).setAggregate('user', '1').setExpectedVersion(3).build();
    await expect(lastValueFrom(client.emit('user.renamed', record))).rejects.toMatchObject({
      code: 'concurrency-conflict',
      actualVersion: 0,
    });
    await expect(lastValueFrom(client.emit('not a type', {}))).rejects.toMatchObject({ code: 'validation-failed' });
  });

  it('sends whether somebody subscribes or not, and tells the outcome to who subscribes later', async () => {
    const store = createInMemoryStore();
    const client = new EventsClient({ store });
    const outcome = client.emit('a', {});
    await eventually(async () => (await store.count()) === 1);
    expect(await firstValueFrom<AppendResult>(outcome)).toMatchObject({ repeated: false });
    expect(await store.count()).toBe(1);
  });

  it('logs a failure that nobody subscribed to', async () => {
    const error = jest.fn<Logger['error']>();
    const store = createInMemoryStore();
    await store.close();
    const logger = { debug() {}, info() {}, warn() {}, error };
    const client = new EventsClient({ store, logger } as never);
    client.emit('a', {});
    await eventually(() => error.mock.calls.length === 1);
    expect(error.mock.calls[0]![1]).toMatchObject({ type: 'a', reason: { code: 'store-closed' } });
  });

  it('refuses send, which would wait for a reply', async () => {
    const client = new EventsClient({ store: createInMemoryStore() });
    await expect(lastValueFrom(client.send())).rejects.toThrow(/Transport\.NATS/);
  });

  it('leaves a store open that was handed in', async () => {
    const store = createInMemoryStore();
    const client = new EventsClient({ store });
    expect(await client.connect()).toBe(store);
    await client.close();
    expect(await store.status()).toMatchObject({ state: 'ready' });
  });

  it('is provided by EventsModule, and by ClientsModule', async () => {
    const store = createInMemoryStore();
    const app = await Test.createTestingModule({
      imports: [
        EventsModule.forRoot({ store, tenantId: 'acme' }),
        ClientsModule.register([{ name: 'EVENTS', customClass: EventsClient, options: { store } }]),
      ],
    }).compile();
    await lastValueFrom(app.get(EventsClient).emit('a', {}));
    await lastValueFrom(app.get<EventsClient>('EVENTS').emit('b', {}));
    const stored = await storedIn(store);
    expect(stored.map(({ type, tenantId }) => [type, tenantId])).toEqual([
      ['a', 'acme'],
      ['b', 'default'],
    ]);
    await app.close();
  });
});
