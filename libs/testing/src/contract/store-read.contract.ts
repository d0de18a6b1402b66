import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { ReadAllOptions, RecordedEvent } from '@annals/core';
import { type ContractContext, collect, event, numbered, range } from './contract-context.ts';

/** Reading events of the whole store, and asking about positions. */
export function storeReadContract(context: ContractContext): void {
  const read = (options: ReadAllOptions) => collect(context.store.readAll(options));

  /** A tenant with events of several aggregates and without aggregate, `size` in all. */
  async function tenantWith(size: number): Promise<string> {
    const tenantId = context.unique('tenant');
    for (const n of range(1, size)) {
      const events = [event('order.numbered', { n })];
      if (n % 3 === 0) await context.store.appendAll([{ tenantId, events }]);
      else await context.store.append({ tenantId, type: 'order', id: String(n % 2) }, events);
    }
    return tenantId;
  }

  describe('readAll', () => {
    it('gives events of all aggregates and without aggregate in the order they were taken', async () => {
      const tenantId = await tenantWith(12);
      const events = await read({ tenantId });
      expect(numbersOf(events)).toEqual(range(1, 12));
      const sequences = events.map(({ position }) => position.sequence);
      expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
      expect(numbersOf(await read({ tenantId, direction: 'forwards' }))).toEqual(range(1, 12));
    });

    it('gives them backwards', async () => {
      const tenantId = await tenantWith(12);
      expect(numbersOf(await read({ tenantId, direction: 'backwards' }))).toEqual(range(1, 12).reverse());
    });

    it('gives each event as readAggregate does', async () => {
      const order = context.aggregate();
      await context.fill(order, 3);
      expect(await context.readTenant(order.tenantId)).toEqual(await context.read(order));
    });

    it('stops at the limit', async () => {
      const tenantId = await tenantWith(12);
      expect(numbersOf(await read({ tenantId, limit: 5 }))).toEqual(range(1, 5));
      expect(numbersOf(await read({ tenantId, limit: 5, direction: 'backwards' }))).toEqual([12, 11, 10, 9, 8]);
      expect(numbersOf(await read({ tenantId, limit: 13 }))).toEqual(range(1, 12));
    });

    it('begins after a position, or before it backwards', async () => {
      const tenantId = await tenantWith(12);
      const events = await read({ tenantId });
      const after = [events[6]!.position];
      expect(numbersOf(await read({ tenantId, after }))).toEqual(range(8, 12));
      expect(numbersOf(await read({ tenantId, after, direction: 'backwards' }))).toEqual([6, 5, 4, 3, 2, 1]);
      expect(numbersOf(await read({ tenantId, after: [events[11]!.position] }))).toEqual([]);
      expect(numbersOf(await read({ tenantId, after: [events[0]!.position], direction: 'backwards' }))).toEqual([]);
    });

    it('takes position 0 for the beginning and one far ahead for the end', async () => {
      const tenantId = await tenantWith(3);
      const [{ position }] = (await read({ tenantId })) as [RecordedEvent];
      const [start, end] = [0, Number.MAX_SAFE_INTEGER].map((sequence) => [{ ...position, sequence }]);
      expect(numbersOf(await read({ tenantId, after: start! }))).toEqual([1, 2, 3]);
      expect(numbersOf(await read({ tenantId, after: start!, direction: 'backwards' }))).toEqual([]);
      expect(numbersOf(await read({ tenantId, after: end! }))).toEqual([]);
      expect(numbersOf(await read({ tenantId, after: end!, direction: 'backwards' }))).toEqual([3, 2, 1]);
    });

    it('gives every event once when it is read page by page, either way', async () => {
      const tenantId = await tenantWith(20);
      const paging = fc.record({
        limit: fc.integer({ min: 1, max: 21 }),
        direction: fc.constantFrom('forwards' as const, 'backwards' as const),
      });
      await fc.assert(
        fc.asyncProperty(paging, async ({ limit, direction }) => {
          const seen: RecordedEvent[] = [];
          let page: RecordedEvent[];
          do {
            const last = seen.at(-1);
            page = await read({ tenantId, limit, direction, ...(last && { after: [last.position] }) });
            seen.push(...page);
          } while (page.length > 0 && seen.length <= 20);
          const numbers = numbersOf(seen);
          expect(direction === 'forwards' ? numbers : numbers.reverse()).toEqual(range(1, 20));
        }),
        { numRuns: 8 },
      );
    });

    it('ends with what was stored when it began', async () => {
      const tenantId = await tenantWith(5);
      for (const direction of ['forwards', 'backwards'] as const) {
        const events: RecordedEvent[] = [];
        for await (const found of context.store.readAll({ tenantId, direction })) {
          if (events.length === 0) await context.append({ tenantId, type: 'late', id: '1' }, numbered(3, 100));
          events.push(found);
        }
        expect(events.filter(({ aggregateType }) => aggregateType !== 'late')).toHaveLength(5);
        expect(events.length).toBe(direction === 'forwards' ? 5 : 8);
      }
    });

    it('gives a stretch longer than one answer of the server whole, both ways', async () => {
      const order = context.aggregate();
      await context.fill(order, 2_500);
      const { tenantId } = order;
      expect(numbersOf(await read({ tenantId }))).toEqual(range(1, 2_500));
      expect(numbersOf(await read({ tenantId, direction: 'backwards' }))).toEqual(range(1, 2_500).reverse());
    });

    it('reads all tenants where none is named', async () => {
      const type = context.unique('type');
      const refs = [context.aggregate(type), context.aggregate(type)];
      for (const ref of refs) await context.append(ref, event());
      const events = await read({ aggregateType: type });
      expect(events.map(({ tenantId }) => tenantId)).toEqual(refs.map(({ tenantId }) => tenantId));
    });

    it('finds nothing in an unknown tenant', async () => {
      expect(await read({ tenantId: context.unique('tenant') })).toEqual([]);
    });
  });

  describe('count', () => {
    it('leaves out the events up to a position', async () => {
      const tenantId = await tenantWith(12);
      const events = await read({ tenantId });
      const countAfter = (n: number): Promise<number> =>
        context.store.count({ tenantId, after: [events[n - 1]!.position] });
      expect(await context.store.count({ tenantId, after: [] })).toBe(12);
      expect(await countAfter(1)).toBe(11);
      expect(await countAfter(7)).toBe(5);
      expect(await countAfter(12)).toBe(0);
      const { stream } = events[0]!.position;
      expect(await context.store.count({ tenantId, after: [{ stream, sequence: 0 }] })).toBe(12);
      expect(await context.store.count({ tenantId, after: [{ stream, sequence: 9_000_000 }] })).toBe(0);
      expect(await context.store.count({ tenantId, after: [{ stream: 'OTHER', sequence: 9_000_000 }] })).toBe(12);
    });

    it('leaves them out also where the reader has to look at each', async () => {
      const tenantId = await tenantWith(12);
      const events = await read({ tenantId });
      const filter = { tenantId, fromTimestamp: '2000-01-01T00:00:00Z', after: [events[6]!.position] };
      expect(await context.store.count(filter)).toBe(5);
    });

    it('refuses positions that are none', async () => {
      const after = [{ stream: 'EVENTS', sequence: -1 }];
      await expect(context.store.count({ after })).rejects.toMatchObject({ code: 'validation-failed' });
    });
  });

  describe('recordedAt', () => {
    it('tells when the events at these positions were taken, in the order asked', async () => {
      const order = context.aggregate();
      await context.fill(order, 3);
      const [first, second, third] = await context.read(order);
      const positions = [third!, first!, second!, first!].map(({ position }) => position);
      expect(await context.store.recordedAt(positions)).toEqual(
        [third!, first!, second!, first!].map(({ recordedAt }) => recordedAt),
      );
    });

    it('does not know positions that hold no event', async () => {
      const order = context.aggregate();
      await context.fill(order, 1);
      const [{ position, recordedAt }] = (await context.read(order)) as [RecordedEvent];
      const far = { ...position, sequence: position.sequence + 1_000_000 };
      expect(await context.store.recordedAt([far, position])).toEqual([undefined, recordedAt]);
      expect(await context.store.recordedAt([])).toEqual([]);
    });
  });
}

function numbersOf(events: readonly RecordedEvent[]): number[] {
  return events.map(({ data }) => (data as { n: number }).n);
}
