import { createInMemoryStore } from '@annals/testing';
import { resolveServiceOptions } from '../options/service-options.ts';
import type { EventsOptions } from '../options/events-options.ts';
import { EventsService } from '../service/events.service.ts';

function service(options: EventsOptions = {}): EventsService {
  return new EventsService(createInMemoryStore(), resolveServiceOptions(options));
}

const USER = { aggregateId: 'user-123', aggregateType: 'user' };

describe('Event Sourcing: publishing with aggregates', () => {
  it('stores the whole envelope and gives the event its version', async () => {
    const events = service();
    const result = await events.publishEvent(
      'user.created',
      { name: 'John Doe' },
      { ...USER, userId: 'clerk-456', metadata: { source: 'clerk' }, causationId: 'command-1', tags: ['vendor-9'] },
    );
    expect(result).toMatchObject({
      repeated: false,
      events: [
        { type: 'user.created', version: 1, aggregateId: 'user-123', aggregateType: 'user', tenantId: 'default' },
      ],
      heads: [{ version: 1 }],
    });
    const [stored] = await events.getEventsForAggregate('user-123', 'user');
    expect(stored).toMatchObject({
      messageId: result.events[0]!.messageId,
      type: 'user.created',
      data: { name: 'John Doe' },
      aggregateId: 'user-123',
      aggregateType: 'user',
      version: 1,
      userId: 'clerk-456',
      metadata: { source: 'clerk' },
      causationId: 'command-1',
      correlationId: result.events[0]!.messageId,
      tags: ['vendor-9'],
      tenantId: 'default',
    });
  });

  it('publishes an event without aggregate, which has no version', async () => {
    const events = service();
    const result = await events.publishEvent('app.started', { build: 7 });
    expect(result.events[0]).not.toHaveProperty('version');
    expect(await events.replayEvents()).toMatchObject([{ type: 'app.started', data: { build: 7 } }]);
  });

  it("gives events the module's tenant and source unless they name their own", async () => {
    const events = service({ tenantId: 'acme', source: { type: 'service', name: 'users' } });
    await events.publishEvent('user.created', {}, USER);
    await events.publishEvent('user.created', {}, { ...USER, tenantId: 'other', source: { name: 'import' } });
    expect(await events.getEventsForAggregate('user-123', 'user')).toMatchObject([
      { tenantId: 'acme', source: { type: 'service', name: 'users' } },
    ]);
    const elsewhere = await events.getEventsForAggregate('user-123', 'user', { tenantId: 'other' });
    expect(elsewhere).toMatchObject([{ tenantId: 'other', source: { name: 'import' } }]);
  });

  it('answers a repeated idempotency key with the first result', async () => {
    const events = service();
    const publish = () => events.publishEvent('user.created', { name: 'Ann' }, { ...USER, idempotencyKey: 'signup-1' });
    const first = await publish();
    expect(await publish()).toEqual({ ...first, repeated: true });
    await expect(
      events.publishEvent('user.created', { name: 'Bob' }, { ...USER, idempotencyKey: 'signup-1' }),
    ).rejects.toMatchObject({ code: 'idempotency-key-reused' });
  });

  it('names the wrong field, not its place in an append', async () => {
    const events = service();
    const wrong = events.publishEvent('user created', {}, { ...USER, userId: '', tenantId: '' });
    await expect(wrong).rejects.toMatchObject({
      code: 'validation-failed',
      errors: [{ path: 'tenantId' }, { path: 'type' }, { path: 'userId' }],
    });
  });

  it.each([
    ['an id without a type', { aggregateId: 'user-123' }, 'aggregateType'],
    ['a type without an id', { aggregateType: 'user' }, 'aggregateId'],
    ['a field that events do not have', { ...USER, colour: 'red' }, 'colour'],
    ['the type among the options', { ...USER, type: 'user.updated' }, 'type'],
    ['data among the options', { ...USER, data: {} }, 'data'],
  ])('refuses %s', async (_what, options, path) => {
    const events = service();
    await expect(events.publishEvent('user.created', {}, options)).rejects.toMatchObject({
      code: 'validation-failed',
      errors: [expect.objectContaining({ path })],
    });
    expect(await events.replayEvents()).toEqual([]);
  });
});

describe('Event Sourcing: publishing several events', () => {
  const order = (id: string, type: string, more: object = {}) => ({
    type,
    data: {},
    aggregateId: id,
    aggregateType: 'order',
    ...more,
  });

  it('stores the events of several aggregates, each with its own versions, and answers in the order given', async () => {
    const events = service();
    const result = await events.publishEvents([
      order('a', 'order.placed'),
      { type: 'stock.taken', data: {}, aggregateId: 's', aggregateType: 'stock' },
      { type: 'mail.sent', data: {} },
      order('a', 'order.paid'),
    ]);
    expect(result.events.map(({ type, aggregateId, version }) => [type, aggregateId, version])).toEqual([
      ['order.placed', 'a', 1],
      ['stock.taken', 's', 1],
      ['mail.sent', undefined, undefined],
      ['order.paid', 'a', 2],
    ]);
    expect(result.heads.map(({ aggregate, version }) => [aggregate.id, version])).toEqual([
      ['a', 2],
      ['s', 1],
    ]);
  });

  it("lays an aggregate's events next to each other in the log, at the place of the first", async () => {
    const events = service();
    await events.publishEvents([
      order('a', 'order.placed'),
      order('b', 'order.placed'),
      order('a', 'order.paid'),
      order('b', 'order.paid'),
    ]);
    const log = await events.replayEvents();
    expect(log.map(({ aggregateId, version }) => `${aggregateId}${version}`)).toEqual(['a1', 'a2', 'b1', 'b2']);
  });

  it('stores nothing when one of the aggregates is not as expected', async () => {
    const events = service();
    await events.publishEvent('order.placed', {}, { aggregateId: 'b', aggregateType: 'order' });
    const refused = events.publishEvents([
      order('a', 'order.placed', { expectedVersion: 'none' }),
      order('b', 'order.placed', { expectedVersion: 'none' }),
    ]);
    await expect(refused).rejects.toMatchObject({
      code: 'concurrency-conflict',
      aggregate: { id: 'b' },
      expectedVersion: 'none',
      actualVersion: 1,
    });
    expect(await events.exists('a', 'order')).toBe(false);
  });

  it('chains the events of one call by the id of the first', async () => {
    const events = service();
    const { events: appended } = await events.publishEvents([order('a', 'order.placed'), order('b', 'order.placed')]);
    const log = await events.replayEvents();
    expect(log.map((event) => event.correlationId)).toEqual([appended[0]!.messageId, appended[0]!.messageId]);
  });

  it("takes the call's tenant for events that name none", async () => {
    const events = service();
    await events.publishEvents([order('a', 'order.placed'), order('b', 'order.placed', { tenantId: 't2' })], {
      tenantId: 't1',
    });
    expect(await events.exists('a', 'order', { tenantId: 't1' })).toBe(true);
    expect(await events.exists('b', 'order', { tenantId: 't2' })).toBe(true);
    expect(await events.exists('a', 'order')).toBe(false);
  });

  it("reports problems at the event's place in the list, whatever parts it was cut into", async () => {
    const events = service();
    const wrong = events.publishEvents([
      order('a', 'order.placed'),
      order('b', 'order.placed', { tenantId: ' '.repeat(201) }),
      order('a', 'no type'),
    ]);
    await expect(wrong).rejects.toMatchObject({ errors: [{ path: 'events.2.type' }, { path: 'events.1.tenantId' }] });
  });

  it('names an event that is too large by its place in the list', async () => {
    const store = createInMemoryStore({ maxPayloadBytes: 2_000 });
    const events = new EventsService(store, resolveServiceOptions({}));
    const large = events.publishEvents([
      order('a', 'order.placed'),
      order('b', 'order.placed', { data: 'x'.repeat(3_000) }),
      order('a', 'order.paid'),
    ]);
    await expect(large).rejects.toMatchObject({ code: 'payload-too-large', index: 1, limitBytes: 2_000 });
  });

  it.each([
    ['nothing', [], 'events'],
    ['what is no list', { type: 'a', data: 1 }, 'events'],
    ['what is no event', [null], 'events.0'],
  ])('refuses %s', async (_what, list, path) => {
    await expect(service().publishEvents(list as never)).rejects.toMatchObject({ errors: [{ path }] });
  });

  it('refuses more than 1,000 events', async () => {
    const list = Array.from({ length: 1_001 }, () => order('a', 'order.placed'));
    await expect(service().publishEvents(list)).rejects.toMatchObject({
      code: 'batch-too-large',
      limit: 1_000,
      actual: 1_001,
    });
  });
});
