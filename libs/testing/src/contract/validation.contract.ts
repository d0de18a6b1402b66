import { describe, expect, it } from '@jest/globals';
import type {
  AggregateRef,
  AppendOptions,
  EventFilter,
  NewEvent,
  ReadAggregateOptions,
  ReadAllOptions,
} from '@annals/core';
import { type ContractContext, collect, event } from './contract-context.ts';

const BAD_NAMES: unknown[] = ['', 'x'.repeat(201), 'ü'.repeat(34), '\ud800', 7, null, {}];
const BAD_VERSIONS: unknown[] = [-1, 1.5, NaN, Infinity, 2 ** 53, '1', 'latest', null, {}];

/** Wrong input is refused with every problem, and nothing is stored. */
export function validationContract(context: ContractContext): void {
  const refusal = (...paths: string[]) => ({
    name: 'ValidationError',
    code: 'validation-failed',
    retryable: false,
    errors: paths.map((path) => expect.objectContaining({ path })),
  });

  describe('append refuses', () => {
    async function expectRefused(events: unknown, path: string, options?: unknown): Promise<void> {
      const order = context.aggregate();
      const append = context.append(order, events as NewEvent, options as AppendOptions);
      await expect(append).rejects.toMatchObject(refusal(path));
      expect(await context.readTenant(order.tenantId)).toEqual([]);
    }

    it.each(BAD_NAMES)('%p as a name', async (name) => {
      const order = context.aggregate();
      const refs: [ref: unknown, path: string][] = [
        [{ ...order, type: name }, 'aggregateType'],
        [{ ...order, id: name }, 'aggregateId'],
      ];
      if (name !== null) refs.push([{ ...order, tenantId: name }, 'tenantId']);
      for (const [ref, path] of refs) {
        await expect(context.store.append(ref as AggregateRef, event())).rejects.toMatchObject(refusal(path));
      }
      if (name !== null) await expectRefused(event(), 'idempotencyKey', { idempotencyKey: name });
    });

    it.each([undefined, null, 'order-1', 5])('%p as an aggregate', async (aggregate) => {
      const append = context.store.append(aggregate as unknown as AggregateRef, event());
      await expect(append).rejects.toMatchObject({ code: 'validation-failed' });
      if (aggregate === undefined) return;
      const part = { aggregate: aggregate as unknown as AggregateRef, events: [event()] };
      await expect(context.store.appendAll([part])).rejects.toMatchObject({ code: 'validation-failed' });
    });

    it.each(BAD_VERSIONS.filter((version) => version !== null))(
      '%p as an expected version',
      async (expectedVersion) => {
        await expectRefused(event(), 'expectedVersion', { expectedVersion });
      },
    );

    it.each(
      [
        [
          '',
          'a b',
          'a..b',
          '.a',
          'a.',
          'a.*',
          '>',
          'ü',
          'a\n',
          'x'.repeat(201),
          'a.b.c.d.e.f.g.h.i',
          7,
          null,
          undefined,
        ],
      ].flat(),
    )('%p as an event type', async (type) => {
      await expectRefused({ type, data: {} }, 'events.0.type');
    });

    it('types that belong to the store', async () => {
      await expectRefused(event('annals.event.redacted'), 'events.0.type');
    });

    it.each<[string, unknown, string]>([
      ['data that are missing', { type: 'a' }, 'data'],
      ['a function as data', { type: 'a', data: () => 1 }, 'data'],
      ['a symbol as data', { type: 'a', data: Symbol('s') }, 'data'],
      ['a bigint in data', { type: 'a', data: { n: 1n } }, 'data'],
      ['an empty message id', { ...event(), messageId: '' }, 'messageId'],
      ['a message id of 129 characters', { ...event(), messageId: 'x'.repeat(129) }, 'messageId'],
      ['a date without a time', { ...event(), timestamp: '2024-01-01' }, 'timestamp'],
      ['a day that is none', { ...event(), timestamp: '2023-02-29T00:00:00Z' }, 'timestamp'],
      ['a time without a zone', { ...event(), timestamp: '2024-01-01T00:00:00' }, 'timestamp'],
      ['a Date as timestamp', { ...event(), timestamp: new Date(0) }, 'timestamp'],
      ['schema version 0', { ...event(), schemaVersion: 0 }, 'schemaVersion'],
      ['a correlation of 257 characters', { ...event(), correlationId: 'x'.repeat(257) }, 'correlationId'],
      ['a number as cause', { ...event(), causationId: 1 }, 'causationId'],
      ['an empty user', { ...event(), userId: '' }, 'userId'],
      ['101 tags', { ...event(), tags: Array(101).fill('t') }, 'tags'],
      ['a tag that is no text', { ...event(), tags: ['ok', 5] }, 'tags.1'],
      ['a list as metadata', { ...event(), metadata: [] }, 'metadata'],
      ['a text as source', { ...event(), source: 'me' }, 'source'],
      ['an unknown field of a source', { ...event(), source: { nmae: 'x' } }, 'source.nmae'],
      ['an unknown field', { ...event(), versoin: 1 }, 'versoin'],
      ['a version, which only the store gives', { ...event(), version: 1 }, 'version'],
      ['a tenant in the event', { ...event(), tenantId: 'x' }, 'tenantId'],
    ])('%s', async (_, bad, field) => {
      await expectRefused(bad, `events.0.${field}`);
      await expectRefused([event(), bad, event()], `events.1.${field}`);
    });

    it('data that contain themselves', async () => {
      const loop: Record<string, unknown> = {};
      loop.self = loop;
      await expectRefused(event('a', loop), 'events.0.data');
      const order = context.aggregate();
      const parts = [event(), event('a', loop)].map((one, i) => ({
        aggregate: { ...order, id: String(i) },
        events: [one],
      }));
      await expect(context.store.appendAll(parts)).rejects.toMatchObject(refusal('parts.1.events.0.data'));
      expect(await context.readTenant(order.tenantId)).toEqual([]);
    });

    it.each([null, undefined, 'event', 5, [[]]])('%p as an event', async (bad) => {
      await expectRefused([bad], 'events.0');
    });

    it('a trace context that is none', async () => {
      await expectRefused(event(), 'traceContext.traceparent', { traceContext: { traceparent: 'x\r\ny: z' } });
      await expectRefused(event(), 'traceContext.tracestate', {
        traceContext: { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, tracestate: 'a=b\r\nc: d' },
      });
    });

    it('an append without events', async () => {
      await expectRefused([], 'events');
      await expect(context.store.appendAll([])).rejects.toMatchObject(refusal(''));
      const order = context.aggregate();
      const parts = [
        { aggregate: order, events: [event()] },
        { tenantId: order.tenantId, events: [] },
      ];
      await expect(context.store.appendAll(parts)).rejects.toMatchObject(refusal('parts.1.events'));
      expect(await context.readTenant(order.tenantId)).toEqual([]);
    });

    it('with all problems at once', async () => {
      const bad = { type: 'a b', data: undefined, userId: 1, extra: true };
      const append = context.append({ tenantId: '', type: '', id: 'x' }, [event(), bad as never], {
        expectedVersion: -1,
        idempotencyKey: '',
      });
      await expect(append).rejects.toMatchObject({
        errors: expect.arrayContaining(
          [
            'tenantId',
            'aggregateType',
            'expectedVersion',
            'idempotencyKey',
            'events.1.type',
            'events.1.data',
            'events.1.userId',
            'events.1.extra',
          ].map((path) => expect.objectContaining({ path })),
        ),
      });
    });
  });

  describe('reads refuse', () => {
    /** Reads that throw at once and reads that throw at the first event are both fine. */
    const attempt = (read: () => AsyncIterable<never> | Promise<unknown>) =>
      expect(
        (async () => {
          const result = read();
          return Symbol.asyncIterator in result ? collect(result) : result;
        })(),
      ).rejects;
    const any = (value: unknown) => value as never;

    it.each(BAD_NAMES.filter((name) => name !== null))('%p as a name', async (name) => {
      const { store } = context;
      const bad = any({ type: 'order', id: name, tenantId: 't' });
      const expected = refusal('aggregateId');
      await attempt(() => any(store.readAggregate(bad))).toMatchObject(expected);
      await attempt(() => any(store.readAt(bad, '2024-01-01T00:00:00Z'))).toMatchObject(expected);
      for (const method of ['load', 'head', 'exists', 'currentVersion'] as const) {
        await attempt(() => store[method](bad)).toMatchObject(expected);
      }
      await attempt(() => store.aggregateTypesOf(any(name))).toMatchObject(expected);
      await attempt(() => store.stats({ tenantId: any(name) })).toMatchObject(refusal('tenantId'));
      for (const field of ['tenantId', 'aggregateType', 'aggregateId'] as const) {
        await attempt(() => any(store.readAll({ [field]: name }))).toMatchObject(refusal(field));
        await attempt(() => store.count(any({ [field]: name }))).toMatchObject(refusal(field));
      }
    });

    it.each([undefined, null, 'order-1'])('%p as an aggregate', async (aggregate) => {
      const { store } = context;
      const expected = { code: 'validation-failed' };
      await attempt(() => any(store.readAggregate(any(aggregate)))).toMatchObject(expected);
      for (const method of ['load', 'head', 'exists', 'currentVersion'] as const) {
        await attempt(() => store[method](any(aggregate))).toMatchObject(expected);
      }
    });

    it.each([...BAD_VERSIONS, 0])('%p as a version', async (version) => {
      const order = context.aggregate();
      for (const field of ['fromVersion', 'toVersion'] as const) {
        const options = { [field]: version } as ReadAggregateOptions;
        await attempt(() => any(context.store.readAggregate(order, options))).toMatchObject(refusal(field));
        await attempt(() => any(context.store.readAll(options))).toMatchObject(refusal(field));
        await attempt(() => context.store.count(options)).toMatchObject(refusal(field));
      }
    });

    it.each<[string, ReadAllOptions, ...string[]]>([
      ['a range of versions that is upside down', { fromVersion: 3, toVersion: 2 }, 'fromVersion'],
      ['limit 0', { limit: 0 }, 'limit'],
      ['a limit below 0', { limit: -1 }, 'limit'],
      ['half an event as limit', { limit: 0.5 }, 'limit'],
      ['a limit without end', { limit: Infinity }, 'limit'],
      ['a direction that is none', { direction: 'sideways' as never }, 'direction'],
      ['no event types', { eventTypes: [] }, 'eventTypes'],
      ['101 event types', { eventTypes: Array<string>(101).fill('a') }, 'eventTypes'],
      ['a text as list of event types', { eventTypes: 'user.created' as never }, 'eventTypes'],
      ['an event type that is none', { eventTypes: ['ok', 'a b'] }, 'eventTypes.1'],
      ['a pattern with > in the middle', { eventTypes: ['a.>.b'] }, 'eventTypes.0'],
      ['half a token as a wildcard', { eventTypes: ['a*'] }, 'eventTypes.0'],
      ['a day without a time', { fromTimestamp: '2024-01-01' }, 'fromTimestamp'],
      ['a recording time that is none', { recordedTo: 'now' }, 'recordedTo'],
      [
        'a range of times that is upside down',
        { fromTimestamp: '2024-01-02T00:00:00Z', toTimestamp: '2024-01-01T00:00:00Z' },
        'fromTimestamp',
      ],
      [
        'a range of recording times that is upside down',
        { recordedFrom: '2024-01-02T00:00:00Z', recordedTo: '2024-01-02T00:30:00+01:00' },
        'recordedFrom',
      ],
      ['a position below 0', { after: [{ stream: 'EVENTS', sequence: -1 }] }, 'after.0.sequence'],
      ['half a position', { after: [{ stream: 'EVENTS', sequence: 1.5 }] }, 'after.0.sequence'],
      ['a position instead of a list', { after: { stream: 'EVENTS', sequence: 1 } as never }, 'after'],
    ])('%s', async (_, options, ...paths) => {
      await attempt(() => any(context.store.readAll(options))).toMatchObject(refusal(...paths));
      const { limit, direction, after, ...filter } = options;
      if (limit === undefined && direction === undefined && after === undefined) {
        await attempt(() => context.store.count(filter as EventFilter)).toMatchObject(refusal(...paths));
      }
      if (limit !== undefined || direction !== undefined) {
        const chosen = { limit, direction };
        await attempt(() => any(context.store.readAggregate(context.aggregate(), chosen))).toMatchObject(
          refusal(...paths),
        );
      }
    });
  });
}
