import { describe, expect, it } from '@jest/globals';
import { type AppendAllOptions, type AppendPart, type ValidationError, prepareAppend } from '../index.ts';

const NOW = Date.UTC(2024, 4, 1, 12);

function prepare(parts: unknown, options?: AppendAllOptions) {
  let n = 0;
  return prepareAppend(
    parts as AppendPart[],
    options,
    () => `id-${++n}`,
    () => NOW,
  );
}

function problemsOf(parts: unknown, options?: unknown): string[] {
  try {
    prepare(parts, options as AppendAllOptions);
    return [];
  } catch (error) {
    expect(error).toMatchObject({ code: 'validation-failed' });
    return (error as ValidationError).errors.map(({ path }) => path);
  }
}

const order = { type: 'order', id: '1' };
const placed = { type: 'order.placed', data: {} };

describe('prepareAppend', () => {
  it('fills in what the writer left open', () => {
    expect(prepare([{ aggregate: order, events: [placed, placed] }])).toEqual({
      parts: [
        {
          tenantId: 'default',
          aggregate: { tenantId: 'default', type: 'order', id: '1' },
          expectedVersion: 'any',
          events: ['id-1', 'id-2'].map((messageId) => ({
            messageId,
            type: 'order.placed',
            data: {},
            timestamp: '2024-05-01T12:00:00.000Z',
            tenantId: 'default',
            aggregateId: '1',
            aggregateType: 'order',
            schemaVersion: 1,
            correlationId: 'id-1',
          })),
        },
      ],
      eventCount: 2,
      idsGiven: false,
      idempotencyKey: undefined,
      traceContext: undefined,
    });
  });

  it('keeps what the writer gave', () => {
    const given = {
      type: 'Order.Placed',
      data: null,
      messageId: 'mine',
      timestamp: '2024-01-01T01:00:00.50+01:00',
      schemaVersion: 4,
      correlationId: 'chain',
      causationId: 'cause',
      userId: 'me',
      source: { type: 'service', id: '1', name: 'orders' },
      tags: ['a', 'b'],
      metadata: { deep: { er: [1] } },
    };
    const { parts, idsGiven } = prepare([{ aggregate: { ...order, tenantId: 'acme' }, events: [given] }]);
    expect(idsGiven).toBe(true);
    expect(parts[0]!.events[0]).toEqual({
      ...given,
      timestamp: '2024-01-01T00:00:00.50Z',
      tenantId: 'acme',
      aggregateId: '1',
      aggregateType: 'order',
    });
  });

  it('leaves out fields that are given as undefined', () => {
    const event = { ...placed, causationId: undefined, userId: undefined, source: undefined, tags: undefined };
    const [prepared] = prepare([{ events: [event] }]).parts[0]!.events;
    expect(Object.keys(prepared!).sort()).toEqual(
      ['correlationId', 'data', 'messageId', 'schemaVersion', 'tenantId', 'timestamp', 'type'].sort(),
    );
  });

  it('takes the tenant from the part where the aggregate names none', () => {
    const { parts } = prepare([
      { tenantId: 'acme', aggregate: order, events: [placed] },
      { tenantId: 'acme', events: [placed] },
      { tenantId: 'acme', aggregate: { ...order, id: '2', tenantId: 'acme' }, events: [placed] },
      { events: [placed] },
    ]);
    expect(parts.map(({ tenantId }) => tenantId)).toEqual(['acme', 'acme', 'acme', 'default']);
    expect(parts[0]!.aggregate!.tenantId).toBe('acme');
    expect(parts.map(({ events }) => events[0]!.tenantId)).toEqual(['acme', 'acme', 'acme', 'default']);
  });

  describe('correlates', () => {
    it('all events with the first one’s id, over all parts', () => {
      const { parts } = prepare([{ events: [placed] }, { aggregate: order, events: [placed, placed] }]);
      const ids = parts.flatMap(({ events }) => events.map(({ correlationId }) => correlationId));
      expect(ids).toEqual(['id-1', 'id-1', 'id-1']);
    });

    it('the others with the correlation that the first one names', () => {
      const { parts } = prepare([{ aggregate: order, events: [{ ...placed, correlationId: 'chain' }, placed] }]);
      expect(parts[0]!.events.map(({ correlationId }) => correlationId)).toEqual(['chain', 'chain']);
    });

    it('an event that names a correlation of its own with that one only', () => {
      const { parts } = prepare([{ aggregate: order, events: [placed, { ...placed, correlationId: 'own' }, placed] }]);
      expect(parts[0]!.events.map(({ correlationId }) => correlationId)).toEqual(['id-1', 'own', 'id-1']);
    });
  });

  it('says that ids were given only when all were', () => {
    const withId = { ...placed, messageId: 'a' };
    expect(prepare([{ events: [withId] }]).idsGiven).toBe(true);
    expect(prepare([{ events: [withId, placed] }]).idsGiven).toBe(false);
    expect(prepare([{ events: [withId] }, { events: [placed] }]).idsGiven).toBe(false);
  });

  it('does not change what it was given', () => {
    const parts = [{ aggregate: order, events: [{ ...placed, timestamp: '2024-01-01T00:00:00+01:00' }] }];
    const before = structuredClone(parts);
    prepare(parts);
    expect(parts).toEqual(before);
  });

  describe('lists every problem by its path', () => {
    it.each<[string, unknown, string[]]>([
      ['no list of parts', undefined, ['']],
      ['no parts', [], ['']],
      ['a part that is none', [null], ['']],
      ['parts that are none', [5, null], ['parts.0', 'parts.1']],
      ['no events', [{ aggregate: order, events: [] }], ['events']],
      ['events that are no list', [{ aggregate: order, events: placed }], ['events']],
      ['a hole among the events', [{ events: Array(1) }], ['events.0']],
      ['events that are none', [{ events: [null, 'x', [], placed] }], ['events.0', 'events.1', 'events.2']],
      ['an aggregate that is none', [{ aggregate: null, events: [placed] }], ['aggregate']],
      ['an aggregate that is a text', [{ aggregate: 'order-1', events: [placed] }], ['aggregate']],
      ['an aggregate without names', [{ aggregate: {}, events: [placed] }], ['aggregateType', 'aggregateId']],
      ['a version expected of no aggregate', [{ events: [placed], expectedVersion: 0 }], ['expectedVersion']],
      ['another tenant', [{ tenantId: 'a', aggregate: { ...order, tenantId: 'b' }, events: [placed] }], ['tenantId']],
    ])('%s', (_, parts, paths) => expect(problemsOf(parts)).toEqual(paths));

    it('in one part and in several', () => {
      const bad = { type: 'a b', extra: 1, source: { x: 1 }, tags: ['', 5], schemaVersion: 0 };
      const inEvent = ['extra', 'type', 'data', 'schemaVersion', 'tags.0', 'tags.1', 'source.x'];
      const one = problemsOf([{ aggregate: { type: '', id: '1' }, events: [placed, bad], expectedVersion: -1 }]);
      expect(one.sort()).toEqual(
        ['aggregateType', 'expectedVersion', ...inEvent.map((field) => `events.1.${field}`)].sort(),
      );
      const several = problemsOf([{ events: [placed] }, { aggregate: { type: '', id: '1' }, events: [bad] }]);
      expect(several.sort()).toEqual(
        ['parts.1.aggregateType', ...inEvent.map((field) => `parts.1.events.0.${field}`)].sort(),
      );
    });

    it('of the options, too', () => {
      const parts = [{ events: [{ type: '', data: 1 }] }];
      const traceContext = { traceparent: 'x', tracestate: 'a\r\nb' };
      expect(problemsOf(parts, { idempotencyKey: '', traceContext }).sort()).toEqual([
        'events.0.type',
        'idempotencyKey',
        'traceContext.traceparent',
        'traceContext.tracestate',
      ]);
    });

    it('with a message for people', () => {
      expect(() => prepare([{ events: [{ type: 'a b', data: 1 }] }])).toThrow(
        'events.0.type must be tokens of A-Z, a-z, 0-9, _ and - joined by single dots, like user.created',
      );
    });
  });

  it('refuses an aggregate and a message id that are named twice, at their places in the input', () => {
    const withId = { ...placed, messageId: 'a' };
    expect(problemsOf([{ events: [withId, placed, withId] }])).toEqual(['events.2.messageId']);
    expect(problemsOf([{ events: [{ type: '' }, withId, withId] }])).toEqual([
      'events.0.type',
      'events.0.data',
      'events.2.messageId',
    ]);
    expect(problemsOf([{ events: [withId] }, { aggregate: order, events: [withId] }])).toEqual([
      'parts.1.events.0.messageId',
    ]);
    const same = { ...order, tenantId: 'default' };
    expect(problemsOf([order, same].map((aggregate) => ({ aggregate, events: [placed] })))).toEqual([
      'parts.1.aggregate',
    ]);
  });

  it('takes the same aggregate in two tenants, and ids that look alike', () => {
    const refs = [
      { ...order, tenantId: 'a' },
      { ...order, tenantId: 'b' },
      { type: 'a","b', id: 'c', tenantId: 'a' },
      { type: 'a', id: 'b","c', tenantId: 'a' },
    ];
    expect(problemsOf(refs.map((aggregate) => ({ aggregate, events: [placed] })))).toEqual([]);
  });

  it('takes texts and lists up to their limits, and no further', () => {
    const at = (field: string, value: unknown) => problemsOf([{ events: [{ ...placed, [field]: value }] }]);
    for (const field of ['correlationId', 'causationId', 'userId']) {
      expect(at(field, 'x'.repeat(256))).toEqual([]);
      expect(at(field, 'x'.repeat(257))).toEqual([`events.0.${field}`]);
    }
    expect(at('messageId', 'x'.repeat(128))).toEqual([]);
    expect(at('messageId', 'x'.repeat(129))).toEqual(['events.0.messageId']);
    expect(at('messageId', 'ü'.repeat(34))).toEqual(['events.0.messageId']);
    expect(at('tags', Array(100).fill('x'.repeat(256)))).toEqual([]);
    expect(at('tags', Array(101).fill('x'))).toEqual(['events.0.tags']);
    expect(at('schemaVersion', 1)).toEqual([]);
    expect(at('schemaVersion', Number.MAX_SAFE_INTEGER + 1)).toEqual(['events.0.schemaVersion']);
  });

  it('refuses more than 1,000 events in all', () => {
    const of = (count: number) => ({ events: Array.from({ length: count }, () => placed) });
    expect(prepare([of(400), of(600)]).eventCount).toBe(1_000);
    expect(() => prepare([of(401), of(600)])).toThrow(
      expect.objectContaining({ code: 'batch-too-large', actual: 1_001 }),
    );
  });

  it('takes a W3C trace context and hands it on', () => {
    const traceContext = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, tracestate: 'x=1' };
    expect(prepare([{ events: [placed] }], { traceContext, idempotencyKey: 'k' })).toMatchObject({
      traceContext,
      idempotencyKey: 'k',
    });
  });
});
