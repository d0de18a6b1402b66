import { createHash } from 'node:crypto';
import { MAX_BATCH_EVENTS, prepareAppend } from '@annals/core';
import { generateEvents, MAX_GENERATED_EVENTS } from './generate-events.ts';
import type { GeneratedEvent, GenerateOptions } from './generated-event.ts';

const all = (options: GenerateOptions): GeneratedEvent[] => [...generateEvents(options)];

function sizesOf(events: Iterable<GeneratedEvent>): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const { aggregate } of events) sizes.set(aggregate.id, (sizes.get(aggregate.id) ?? 0) + 1);
  return sizes;
}

describe('generated events', () => {
  it('are the same for the same seed, on every machine', () => {
    const digest = createHash('sha256')
      .update(JSON.stringify(all({ events: 5_000, seed: 7 })))
      .digest('hex');
    expect(digest).toBe('0431b1393b4c0902a4d0895b8a6f937b9cc6dc3900d054833fd013b1b5bf59f3');
  });

  it('differ in every id for another seed or other domains', () => {
    const ids = (options: GenerateOptions) => all(options).map(({ event }) => event.messageId);
    const several = [
      ...ids({ events: 300, seed: 1 }),
      ...ids({ events: 300, seed: 2 }),
      ...ids({ events: 300, seed: 1, domains: ['shop'] }),
      ...ids({ events: 300, seed: 1, domains: ['activity'] }),
    ];
    expect(new Set(several).size).toBe(1_200);
  });

  it('are the beginning of what a larger number gives', () => {
    expect(all({ events: 2_000 }).slice(0, 500)).toEqual(all({ events: 500 }));
  });

  it('have versions without gaps and timestamps that never go back', () => {
    const versions = new Map<string, number>();
    let before = '';
    const wrong = all({ events: 20_000 }).filter(({ aggregate, version, event }) => {
      const follows = version === (versions.get(aggregate.id) ?? 0) + 1 && event.timestamp! >= before;
      versions.set(aggregate.id, version);
      before = event.timestamp!;
      return !follows;
    });
    expect(wrong).toEqual([]);
    expect(versions.size).toBeGreaterThan(1_000);
  });

  it('are mostly of short aggregates, with a long tail and ten that have a hundredth of all events each', () => {
    const sizes = [...sizesOf(generateEvents({ events: 200_000 })).values()].sort((a, b) => a - b);
    const quantile = (q: number) => sizes[Math.floor(q * sizes.length)]!;
    expect(quantile(0.5)).toBeLessThanOrEqual(6);
    expect(quantile(0.9)).toBeLessThanOrEqual(30);
    expect(quantile(0.999)).toBeGreaterThan(100);
    expect(sizes.filter((size) => size === 2_000)).toHaveLength(10);
    expect(sizes.filter((size) => size > 1_000)).toHaveLength(10);
  });

  it('give ten aggregates 10,000 events of every million, and then ten others', () => {
    const sizes = new Map<string, number>();
    let index = 0;
    for (const { aggregate } of generateEvents({ events: 1_100_000 })) {
      if (index++ % 10 === 9) sizes.set(aggregate.id, (sizes.get(aggregate.id) ?? 0) + 1);
    }
    expect([...sizes.values()]).toEqual([...new Array<number>(10).fill(10_000), ...new Array<number>(10).fill(1_000)]);
  });

  it('are accepted by the store as they are, with about 300 bytes of data each', () => {
    const events = all({ events: MAX_BATCH_EVENTS * 5, seed: 3 });
    const never = () => {
      throw new Error('every message id must be given');
    };
    let bytes = 0;
    for (const { aggregate, version, event } of events) {
      prepareAppend([{ aggregate, events: [event], expectedVersion: version - 1 }], undefined, never, Date.now);
      bytes += Buffer.byteLength(JSON.stringify(event.data));
    }
    expect(bytes / events.length).toBeGreaterThan(250);
    expect(bytes / events.length).toBeLessThan(350);
  });

  it('chain an order to the checkout that caused it', () => {
    const byId = new Map(all({ events: 20_000 }).map(({ event }) => [event.messageId, event]));
    const orders = [...byId.values()].filter(({ type, causationId }) => type === 'order.placed' && causationId);
    expect(orders.length).toBeGreaterThan(100);
    for (const order of orders) {
      const cause = byId.get(order.causationId)!;
      expect(cause.type).toBe('cart.checked-out');
      expect(order.correlationId).toBe(cause.correlationId);
      expect(order.userId).toBe(cause.userId);
    }
  });

  it('are made one by one, so that the first of ten million comes at once', () => {
    const { value } = generateEvents({ events: MAX_GENERATED_EVENTS }).next();
    expect(value).toMatchObject({ version: 1, event: { timestamp: '2025-01-01T00:00:00.000Z' } });
  });

  it('are of the wanted domains only', () => {
    const types = new Set(all({ events: 2_000, domains: ['activity'] }).map(({ aggregate }) => aggregate.type));
    expect([...types].sort()).toEqual(['issue', 'pull-request', 'repository']);
  });

  it.each([
    ['no event', { events: 0 }],
    ['too many events', { events: MAX_GENERATED_EVENTS + 1 }],
    ['half an event', { events: 1.5 }],
    ['a seed that cannot be part of an id', { events: 1, seed: 'a b' }],
    ['no domain', { events: 1, domains: [] }],
    ['a domain that does not exist', { events: 1, domains: ['toString' as 'shop'] }],
    ['a start that is no date', { events: 1, startsAt: new Date('never') }],
  ])('refuse %s', (_what, options) => {
    expect(() => generateEvents(options as GenerateOptions).next()).toThrow(RangeError);
  });
});
