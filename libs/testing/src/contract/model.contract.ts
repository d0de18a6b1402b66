import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { type AppendPart, type ExpectedVersion, satisfiesExpectation } from '@annals/core';
import { type ContractContext, collect, event, range, versionsOf } from './contract-context.ts';

const IDS = ['a', 'b', 'c'] as const;
type Id = (typeof IDS)[number];

/** What the aggregate `id` should get: so many events, expected at its true head plus `off`, or by a word. */
interface Intent {
  readonly id: Id;
  readonly count: number;
  readonly expected: 'any' | 'none' | 'exists' | { readonly off: number };
}

/** All of them in one append; `repeat` says to send it twice, `other` from which process. */
interface Step {
  readonly intents: readonly Intent[];
  readonly repeat: boolean;
  readonly other: boolean;
}

const intent: fc.Arbitrary<Intent> = fc.record({
  id: fc.constantFrom(...IDS),
  count: fc.integer({ min: 1, max: 4 }),
  expected: fc.oneof(
    { weight: 3, arbitrary: fc.constant({ off: 0 }) },
    { weight: 1, arbitrary: fc.record({ off: fc.integer({ min: -2, max: 2 }) }) },
    { weight: 2, arbitrary: fc.constantFrom('any' as const, 'none' as const, 'exists' as const) },
  ),
});
const step: fc.Arbitrary<Step> = fc.record({
  intents: fc.uniqueArray(intent, { minLength: 1, maxLength: 3, selector: ({ id }) => id }),
  repeat: fc.boolean(),
  other: fc.boolean(),
});

/** Random appends against a model of what the store should hold. */
export function modelContract(context: ContractContext): void {
  describe('whatever is appended', () => {
    it('leaves what a simple model of the store says', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
          const tenantId = context.unique('tenant');
          const model: Record<Id, string[]> = { a: [], b: [], c: [] };
          const order: string[] = [];
          for (const { intents, repeat, other } of steps) {
            const parts = intents.map((wanted) => partOf(context, tenantId, wanted, model));
            const fits = parts.every(({ aggregate, expectedVersion }) =>
              satisfiesExpectation(expectedVersion!, model[aggregate!.id as Id].length),
            );
            const store = other ? context.otherStore : context.store;
            if (!fits) {
              await expect(store.appendAll(parts)).rejects.toMatchObject({ code: 'concurrency-conflict' });
              continue;
            }
            const result = await store.appendAll(parts);
            if (repeat) expect(await context.store.appendAll(parts)).toEqual({ ...result, repeated: true });
            for (const { aggregate, events } of parts) {
              const ids = events.map(({ messageId }) => messageId!);
              model[aggregate!.id as Id].push(...ids);
              order.push(...ids);
            }
          }
          await expectModel(context, tenantId, model, order);
        }),
        { numRuns: 20 },
      );
    });
  });
}

function partOf(
  context: ContractContext,
  tenantId: string,
  { id, count, expected }: Intent,
  model: Record<Id, string[]>,
): AppendPart {
  const head = model[id].length;
  const expectedVersion: ExpectedVersion = typeof expected === 'string' ? expected : Math.max(0, head + expected.off);
  const events = range(1, count).map(() => ({ ...event(), messageId: context.unique('m') }));
  return { aggregate: { tenantId, type: 'order', id }, events, expectedVersion };
}

async function expectModel(
  context: ContractContext,
  tenantId: string,
  model: Record<Id, string[]>,
  order: readonly string[],
): Promise<void> {
  for (const store of [context.store, context.otherStore]) {
    await context.whenSeen(async () => {
      for (const id of IDS) {
        const ref = { tenantId, type: 'order', id };
        const stored = await collect(store.readAggregate(ref));
        expect(stored.map(({ messageId }) => messageId)).toEqual(model[id]);
        expect(versionsOf(stored)).toEqual(range(1, model[id].length));
        expect((await store.load(ref)).events).toEqual(stored);
        expect(await store.currentVersion(ref)).toBe(model[id].length);
      }
      const all = await collect(store.readAll({ tenantId }));
      expect(all.map(({ messageId }) => messageId)).toEqual(order);
      expect((await store.stats({ tenantId })).totalEvents).toBe(order.length);
    });
  }
}
