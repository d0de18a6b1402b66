import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AggregateRepository, type NewEvent, type RecordedEvent, type Snapshot, defineAggregate } from '@annals/core';
import * as fc from 'fast-check';
import { ContractContext, type TestAggregate } from '../contract-context.ts';
import type { EventStoreFactory } from '../describe-event-store.ts';

interface Account {
  readonly balance: number;
  readonly entries: readonly number[];
}

const account = defineAggregate<Account, RecordedEvent, number>({
  type: 'account',
  initialState: { balance: 0, entries: [] },
  evolve: ({ balance, entries }, { data }) => ({
    balance: balance + (data as number),
    entries: [...entries, data as number].slice(-3),
  }),
  decide: (amount) => ({ type: 'account.booked', data: amount }),
  snapshots: { everyEvents: 3 },
});

const booked = (data: number): NewEvent => ({ type: 'account.booked', data });

/**
 * Tests that aggregates are loaded alike with and without snapshots, whatever these are, for one implementation.
 *
 * @param name of the implementation, for the tests' names
 */
export function describeAggregates(name: string, factory: EventStoreFactory): void {
  describe(`${name} as a keeper of aggregates`, () => {
    const context = new ContractContext(factory);
    let ref: TestAggregate;
    let warnings: string[];

    beforeAll(() => context.open());
    afterAll(() => context.close());
    beforeEach(() => {
      ref = context.aggregate('account');
      warnings = [];
    });

    const logger = { debug() {}, info() {}, error() {}, warn: (text: string) => void warnings.push(text) };

    /** Of one process; it keeps snapshots unless told otherwise. */
    function repository({ snapshots = true } = {}): AggregateRepository<Account, RecordedEvent, number> {
      const { store } = context;
      const { tenantId } = ref;
      return new AggregateRepository(store, account, {
        tenantId,
        logger,
        snapshots: snapshots ? store.snapshots : undefined,
      });
    }

    it('loads the same from a snapshot as from all events', async () => {
      const step = fc.oneof(
        fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 5 }).map((amounts) => ({ amounts })),
        fc.constantFrom('load', 'execute', 'snapshot', 'delete' as const),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 10 }), async (steps) => {
          ref = context.aggregate('account');
          const kept = repository();
          const amounts: number[] = [];
          for (const one of steps) {
            if (typeof one === 'object') {
              amounts.push(...one.amounts);
              await context.append(ref, one.amounts.map(booked));
            } else if (one === 'load') await kept.load(ref.id);
            else if (one === 'snapshot') await kept.takeSnapshot(ref.id);
            else if (one === 'delete') await context.store.snapshots.delete(ref);
            else {
              amounts.push(7);
              await kept.execute(ref.id, 7);
            }
            await kept.settled();
          }
          const balance = amounts.reduce((sum, amount) => sum + amount, 0);
          const expected = { state: { balance, entries: amounts.slice(-3) }, version: amounts.length };
          expect(await repository({ snapshots: false }).load(ref.id)).toEqual(expected);
          expect(await repository().load(ref.id)).toEqual(expected);
          expect(await kept.load(ref.id)).toEqual(expected);
          await kept.settled();
        }),
        { numRuns: 10 },
      );
      expect(warnings).toEqual([]);
    });

    const full = { state: { balance: 6, entries: [1, 2, 3] }, version: 3 };
    const lies = { balance: 999, entries: [] };

    it.each<[string, Partial<Snapshot>, RegExp]>([
      ['of a version that the log does not hold', { version: 9 }, /no such version/],
      ['of another history', { version: 2, hash: 'other' }, /another history/],
      ['of another state version', { version: 2, stateVersion: 2 }, /state version 2/],
    ])('passes over a snapshot %s, with a warning', async (_, wrong, says) => {
      await context.append(ref, [1, 2, 3].map(booked));
      const takenAt = '2026-01-01T00:00:00Z';
      const { stored } = await firstOf(context, ref);
      await context.store.snapshots.put({
        aggregate: ref,
        version: 2,
        state: lies,
        stateVersion: 1,
        takenAt,
        ...wrong,
      });
      // A store without a chain cannot tell one history from another.
      if (wrong.hash !== undefined && stored?.hash === undefined) return;
      expect(await repository().load(ref.id)).toEqual(full);
      expect(warnings).toEqual([expect.stringMatching(says)]);
    });

    it('replaces one of a version that the log does not hold, as soon as a new one is due', async () => {
      await context.append(ref, [1, 2, 3].map(booked));
      const takenAt = '2026-01-01T00:00:00Z';
      await context.store.snapshots.put({ aggregate: ref, version: 9, state: lies, stateVersion: 1, takenAt });
      const process = repository();
      await process.load(ref.id);
      await process.settled();
      expect(await context.store.snapshots.get(ref)).toMatchObject({ version: 3, state: full.state });
      warnings.length = 0;
      expect(await repository().load(ref.id)).toEqual(full);
      expect(warnings).toEqual([]);
    });
  });
}

async function firstOf(context: ContractContext, ref: TestAggregate): Promise<{ stored: RecordedEvent | undefined }> {
  const [stored] = await context.read(ref);
  return { stored };
}
