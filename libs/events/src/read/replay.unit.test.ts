import { createInMemoryStore } from '@annals/testing';
import { type EventsOptions } from '../options/events-options.ts';
import { resolveServiceOptions } from '../options/service-options.ts';
import { EventsService } from '../service/events.service.ts';
import type { EventReplayOptions } from './replay-options.ts';

function service(options: EventsOptions = {}): EventsService {
  return new EventsService(createInMemoryStore(), resolveServiceOptions(options));
}

const DAY = (day: number): string => `2024-01-${String(day).padStart(2, '0')}T12:00:00Z`;

/** user-1 has versions 1–3, vendor-1 1–2, an order shares user-1's id, and one event has no aggregate. */
async function history(): Promise<EventsService> {
  const events = service();
  const at = (aggregateType: string, aggregateId: string, day: number) => ({
    aggregateType,
    aggregateId,
    timestamp: DAY(day),
  });
  await events.publishEvent('user.created', { name: 'Ann' }, at('user', 'user-1', 1));
  await events.publishEvent('vendor.created', {}, at('vendor', 'vendor-1', 2));
  await events.publishEvent('user.updated', { name: 'Bea' }, at('user', 'user-1', 3));
  await events.publishEvent('order.placed', {}, at('order', 'user-1', 4));
  await events.publishEvent('app.started', {}, { timestamp: DAY(5) });
  await events.publishEvent('user.location.updated', {}, at('user', 'user-1', 6));
  await events.publishEvent('vendor.updated', {}, at('vendor', 'vendor-1', 7));
  return events;
}

const types = (list: readonly { type: string }[]): string[] => list.map(({ type }) => type);

describe('Event Sourcing: replay', () => {
  it.each<[string, EventReplayOptions, string[]]>([
    [
      'of one aggregate',
      { aggregateId: 'user-1', aggregateType: 'user' },
      ['user.created', 'user.updated', 'user.location.updated'],
    ],
    [
      'of an id under all types',
      { aggregateId: 'user-1' },
      ['user.created', 'user.updated', 'order.placed', 'user.location.updated'],
    ],
    ['of an id that has one type', { aggregateId: 'vendor-1' }, ['vendor.created', 'vendor.updated']],
    ['of an aggregate type', { aggregateType: 'vendor' }, ['vendor.created', 'vendor.updated']],
    ['of event types', { eventTypes: ['user.created', 'user.updated'] }, ['user.created', 'user.updated']],
    ['of a pattern for one token', { eventTypes: ['user.*'] }, ['user.created', 'user.updated']],
    [
      'of a pattern for any depth',
      { eventTypes: ['user.>'] },
      ['user.created', 'user.updated', 'user.location.updated'],
    ],
    [
      'of a time range, both ends included',
      { fromTimestamp: DAY(3), toTimestamp: DAY(5) },
      ['user.updated', 'order.placed', 'app.started'],
    ],
    ['from a Date on', { fromTimestamp: new Date(DAY(6)) }, ['user.location.updated', 'vendor.updated']],
    [
      'of versions of one aggregate',
      { aggregateId: 'user-1', aggregateType: 'user', fromVersion: 2, toVersion: 3 },
      ['user.updated', 'user.location.updated'],
    ],
    ['of versions anywhere', { fromVersion: 2 }, ['user.updated', 'user.location.updated', 'vendor.updated']],
    ['up to a limit', { limit: 2 }, ['user.created', 'vendor.created']],
    ['backwards up to a limit', { direction: 'backwards', limit: 2 }, ['vendor.updated', 'user.location.updated']],
    [
      'of one aggregate by type and limit, backwards',
      { aggregateId: 'user-1', aggregateType: 'user', eventTypes: ['user.*'], direction: 'backwards', limit: 1 },
      ['user.updated'],
    ],
    [
      'of one aggregate by time',
      { aggregateId: 'user-1', aggregateType: 'user', fromTimestamp: DAY(2), toTimestamp: DAY(3) },
      ['user.updated'],
    ],
    ['of an unknown aggregate', { aggregateId: 'nobody', aggregateType: 'user' }, []],
    ['of an unknown id', { aggregateId: 'nobody' }, []],
    ['of another tenant', { tenantId: 'other' }, []],
  ])('%s', async (_what, options, expected) => {
    const events = await history();
    expect(types(await events.replayEvents(options))).toEqual(expected);
    const iterated: string[] = [];
    for await (const event of events.iterateEvents(options)) iterated.push(event.type);
    expect(iterated).toEqual(expected);
  });

  it('goes on after a position, in the whole log and in one aggregate', async () => {
    const events = await history();
    const [first] = await events.replayEvents({ eventTypes: ['user.updated'] });
    const after = [first!.position];
    expect(types(await events.replayEvents({ after, limit: 2 }))).toEqual(['order.placed', 'app.started']);
    const rest = await events.replayEvents({ aggregateId: 'user-1', aggregateType: 'user', after });
    expect(types(rest)).toEqual(['user.location.updated']);
  });

  it('by type, by aggregate type and since a moment', async () => {
    const events = await history();
    expect(types(await events.getEventsByType('user.*'))).toEqual(['user.created', 'user.updated']);
    expect(types(await events.getEventsByType('vendor.updated', { fromTimestamp: DAY(8) }))).toEqual([]);
    expect(types(await events.getEventsByAggregateType('vendor', { direction: 'backwards' }))).toEqual([
      'vendor.updated',
      'vendor.created',
    ]);
    expect(types(await events.getEventsSince(DAY(6)))).toEqual(['user.location.updated', 'vendor.updated']);
    expect(types(await events.getEventsSince(new Date(DAY(6)), { limit: 1 }))).toEqual(['user.location.updated']);
  });

  it.each<[string, EventReplayOptions, string]>([
    ['a limit of 0', { limit: 0 }, 'limit'],
    ['a range that ends before it begins', { fromTimestamp: DAY(2), toTimestamp: DAY(1) }, 'fromTimestamp'],
    ['a time that is none', { toTimestamp: 'yesterday' }, 'toTimestamp'],
    ['a Date that is none', { recordedFrom: new Date(Number.NaN) }, 'recordedFrom'],
    ['version 0', { fromVersion: 0 }, 'fromVersion'],
    ['no event types', { eventTypes: [] }, 'eventTypes'],
    ['an empty id', { aggregateId: '' }, 'aggregateId'],
  ])('refuses %s', async (_what, options, path) => {
    const events = service();
    const refusal = { code: 'validation-failed', errors: [expect.objectContaining({ path })] };
    await expect(events.replayEvents(options)).rejects.toMatchObject(refusal);
    expect(() => events.iterateEvents(options)).toThrow(expect.objectContaining(refusal));
  });
});

describe('Event Sourcing: events of an aggregate', () => {
  it('come in version order, in ranges and backwards', async () => {
    const events = await history();
    const read = async (options?: object) =>
      (await events.getEventsForAggregate('user-1', 'user', options)).map((event) => event.version);
    expect(await read()).toEqual([1, 2, 3]);
    expect(await read({ fromVersion: 2 })).toEqual([2, 3]);
    expect(await read({ toVersion: 2, direction: 'backwards' })).toEqual([2, 1]);
    expect(await read({ limit: 1 })).toEqual([1]);
    await expect(read({ limit: 0 })).rejects.toMatchObject({ code: 'validation-failed' });
  });

  it('come after a version', async () => {
    const events = await history();
    const after = async (version: number, options?: object) =>
      (await events.getEventsAfter('user-1', 'user', version, options)).map((event) => event.version);
    expect(await after(0)).toEqual([1, 2, 3]);
    expect(await after(2)).toEqual([3]);
    expect(await after(3)).toEqual([]);
    expect(await after(0, { toVersion: 1 })).toEqual([1]);
    expect(await after(2, { toVersion: 2 })).toEqual([]);
    for (const wrong of [-1, 0.5, Number.NaN]) {
      await expect(after(wrong)).rejects.toMatchObject({ errors: [{ path: 'version' }] });
    }
  });

  it('can be iterated', async () => {
    const versions: unknown[] = [];
    for await (const event of (await history()).iterateEventsForAggregate('user-1', 'user'))
      versions.push(event.version);
    expect(versions).toEqual([1, 2, 3]);
  });
});

describe('Event Sourcing: tenants', () => {
  it('never see each other, whatever is asked', async () => {
    const store = createInMemoryStore();
    const acme = new EventsService(store, resolveServiceOptions({ tenantId: 'acme' }));
    const globex = new EventsService(store, resolveServiceOptions({ tenantId: 'globex' }));
    const user = { aggregateId: 'user-1', aggregateType: 'user' };
    await acme.publishEvent('user.created', 'acme', user);
    await globex.publishEvent('user.created', 'globex', user);
    await globex.publishEvent('order.placed', 'globex', { aggregateId: 'user-1', aggregateType: 'order' });
    const past = '2000-01-01T00:00:00Z';
    const reads = (events: EventsService, options?: { tenantId: string }) => [
      events.getEventsForAggregate('user-1', 'user', options),
      events.getEventsAfter('user-1', 'user', 0, options),
      events.getEventsByType('user.>', options),
      events.getEventsByAggregateType('user', options),
      events.getEventsSince(past, options),
      events.replayEvents(options),
      events.replayEvents({ aggregateId: 'user-1', ...options }),
      events.getEventHistory(undefined, undefined, options),
      events.getEventHistory('user-1', undefined, options),
      events.getEventHistory('user-1', 'user', options),
    ];
    const datas = async (calls: Promise<{ data: unknown }[]>[]) =>
      new Set((await Promise.all(calls)).flat().map(({ data }) => data));
    expect(await datas(reads(acme))).toEqual(new Set(['acme']));
    expect(await datas(reads(globex))).toEqual(new Set(['globex']));
    expect(await datas(reads(acme, { tenantId: 'globex' }))).toEqual(new Set(['globex']));
    const data = (_state: unknown, event: { data: unknown }): unknown => event.data;
    expect(await acme.reconstructState('user-1', 'user', null, data)).toBe('acme');
    expect(await acme.reconstructState('user-1', 'user', null, data, { tenantId: 'globex' })).toBe('globex');
    expect(await acme.exists('user-1', 'order')).toBe(false);
  });
});

describe('Event Sourcing: audit log', () => {
  it('tells the history of an aggregate, of an id, of a type and of all', async () => {
    const events = await history();
    expect(await events.getEventHistory('user-1', 'user')).toHaveLength(3);
    expect(await events.getEventHistory('user-1')).toHaveLength(4);
    expect(await events.getEventHistory(undefined, 'vendor')).toHaveLength(2);
    expect(await events.getEventHistory()).toHaveLength(7);
    expect(types(await events.getEventHistory('user-1', 'user', { toTimestamp: DAY(2) }))).toEqual(['user.created']);
    const iterated: string[] = [];
    for await (const event of events.iterateEventHistory('user-1')) iterated.push(event.type);
    expect(iterated).toEqual(['user.created', 'user.updated', 'order.placed', 'user.location.updated']);
  });
});

describe('Event Sourcing: lists too long for an array', () => {
  it('are refused with the name of the iterable, which gives them all', async () => {
    const events = service();
    const thousand = Array.from({ length: 1_000 }, () => ({
      type: 'meter.read',
      data: 1,
      aggregateId: 'm',
      aggregateType: 'meter',
    }));
    for (let i = 0; i < 10; i++) await events.publishEvents(thousand);
    const calls = {
      'iterateEventsForAggregate(': () => events.getEventsForAggregate('m', 'meter'),
      'iterateEvents(options)': () => events.replayEvents(),
      'iterateEvents({ eventTypes: [type] })': () => events.getEventsByType('meter.read'),
      'iterateEvents({ aggregateType })': () => events.getEventsByAggregateType('meter'),
      'iterateEvents({ fromTimestamp })': () => events.getEventsSince('2000-01-01T00:00:00Z'),
      'iterateEventHistory(': () => events.getEventHistory('m'),
    };
    for (const call of Object.values(calls)) expect(await call()).toHaveLength(10_000);
    await events.publishEvent('meter.read', 1, { aggregateId: 'm', aggregateType: 'meter' });
    for (const [iterable, call] of Object.entries(calls)) {
      await expect(call()).rejects.toMatchObject({
        code: 'result-too-large',
        limit: 10_000,
        message: expect.stringContaining(iterable),
      });
    }
    expect(await events.replayEvents({ limit: 20 })).toHaveLength(20);
    await expect(events.replayEvents({ limit: 20_000 })).rejects.toMatchObject({ code: 'result-too-large' });
    let count = 0;
    for await (const _ of events.iterateEvents()) count++;
    expect(count).toBe(10_001);
  });
});
