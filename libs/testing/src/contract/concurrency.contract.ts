import { describe, expect, it } from '@jest/globals';
import { type AppendResult, type RecordedEvent, isConcurrencyError } from '@annals/core';
import { type ContractContext, type TestAggregate, event, numbered, range, versionsOf } from './contract-context.ts';

/** Writers at work at the same time, also in several processes. */
export function concurrencyContract(context: ContractContext): void {
  const stores = () => [context.store, context.otherStore];

  describe('concurrent writers', () => {
    it.each([0, 'none', 3] as const)('leave one winner of 64 at expected version %p', async (expectedVersion) => {
      const order = context.aggregate();
      const head = expectedVersion === 'none' ? 0 : expectedVersion;
      await context.fill(order, head);
      const outcomes = await Promise.allSettled(
        range(0, 63).map((i) => stores()[i % 2]!.append(order, event('order.changed', i), { expectedVersion })),
      );
      const losers = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
      expect(losers).toHaveLength(63);
      for (const error of losers) {
        expect(error).toMatchObject({ code: 'concurrency-conflict', expectedVersion, actualVersion: head + 1 });
      }
      const winner = outcomes.find((outcome) => outcome.status === 'fulfilled')!.value;
      const stored = await context.read(order);
      expect(versionsOf(stored)).toEqual(range(1, head + 1));
      expect(stored.at(-1)!.messageId).toBe(winner.events[0]!.messageId);
    });

    it('leave one winner whole where each appends several events', async () => {
      const order = context.aggregate();
      const outcomes = await Promise.allSettled(
        range(0, 11).map((i) => stores()[i % 2]!.append(order, batch(i, 1 + (i % 4)), { expectedVersion: 0 })),
      );
      const winners = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
      expect(winners).toHaveLength(1);
      expect(idsOf(await context.read(order))).toEqual(idsOf(winners[0]!.events));
    });

    it('all land where any version will do, each append whole, versions without a gap', async () => {
      const order = context.aggregate();
      const results = await Promise.all(range(0, 47).map((i) => stores()[i % 2]!.append(order, batch(i, 1 + (i % 3)))));
      const stored = await context.read(order);
      expect(versionsOf(stored)).toEqual(range(1, 96));
      for (const { events } of results) expectWhole(stored, events);
    });

    it('keep the order of appends that one process makes without waiting', async () => {
      const order = context.aggregate();
      await Promise.all(range(1, 40).map((n) => context.append(order, event('order.changed', n))));
      expect((await context.read(order)).map(({ data }) => data)).toEqual(range(1, 40));
    });

    it('do not disturb each other in different aggregates', async () => {
      const { tenantId } = context.aggregate();
      const refs = range(1, 20).map((id) => ({ tenantId, type: 'order', id: String(id) }));
      await Promise.all(
        refs.map(async (ref, i) => {
          for (const version of range(0, 4)) {
            await stores()[i % 2]!.append(ref, event(), { expectedVersion: version });
          }
        }),
      );
      for (const ref of refs) expect(versionsOf(await context.read(ref))).toEqual(range(1, 5));
    });

    it('lose no update where each decides on the state that it loaded', async () => {
      const account = context.aggregate('account');
      await Promise.all(range(0, 5).map((i) => incrementTimes(stores()[i % 2]!, account, 4)));
      const stored = await context.read(account);
      expect(versionsOf(stored)).toEqual(range(1, 24));
      expect(stored.map(({ data }) => (data as { total: number }).total)).toEqual(range(1, 24));
    });

    it('over the same aggregates in another order wait for each other without a deadlock', async () => {
      const { tenantId } = context.aggregate();
      const [a, b] = [
        { tenantId, type: 'account', id: 'a' },
        { tenantId, type: 'account', id: 'b' },
      ];
      const results = await Promise.all(
        range(0, 15).map((i) => {
          const parts = [a, b].map((aggregate) => ({ aggregate, events: batch(i, 2) }));
          return stores()[i % 2]!.appendAll(i % 4 < 2 ? parts : parts.reverse());
        }),
      );
      const stored = { a: await context.read(a), b: await context.read(b) };
      expect(versionsOf(stored.a)).toEqual(range(1, 32));
      expect(versionsOf(stored.b)).toEqual(range(1, 32));
      for (const { events } of results) {
        expectWhole(
          stored.a,
          events.filter(({ aggregateId }) => aggregateId === 'a'),
        );
        expectWhole(
          stored.b,
          events.filter(({ aggregateId }) => aggregateId === 'b'),
        );
      }
    });

    it('over several aggregates at one version leave one winner, whole', async () => {
      const { tenantId } = context.aggregate();
      const refs = range(1, 3).map((id) => ({ tenantId, type: 'order', id: String(id) }));
      const outcomes = await Promise.allSettled(
        range(0, 9).map((i) =>
          stores()[i % 2]!.appendAll(
            refs.map((aggregate) => ({ aggregate, events: [event('order.changed', i)], expectedVersion: 0 })),
          ),
        ),
      );
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const stored = await context.readTenant(tenantId);
      expect(stored).toHaveLength(3);
      expect(new Set(stored.map(({ data }) => data)).size).toBe(1);
    });
  });

  describe('a reader beside a writer', () => {
    it('sees each append whole or not at all, and versions without a gap', async () => {
      const order = context.aggregate();
      let written = false;
      const writing = (async () => {
        for (let i = 0; i < 40; i++) await context.append(order, numbered(3));
        written = true;
      })();
      const lengths: number[] = [];
      do {
        for (const store of stores()) {
          const events: RecordedEvent[] = [];
          for await (const read of store.readAggregate(order)) events.push(read);
          expect(versionsOf(events)).toEqual(range(1, events.length));
          lengths.push(events.length);
        }
      } while (!written);
      await writing;
      expect(lengths.filter((length) => length % 3 !== 0)).toEqual([]);
      expect(await context.store.currentVersion(order)).toBe(120);
    });
  });
}

/** Events that tell which append they are of. */
function batch(of: number, count: number) {
  return range(1, count).map((n) => event('order.changed', { of, n }));
}

function idsOf(events: readonly { readonly messageId: string }[]): string[] {
  return events.map(({ messageId }) => messageId);
}

/** The events are in the aggregate one right after the other, at the versions that the append answered. */
function expectWhole(stored: readonly RecordedEvent[], appended: AppendResult['events']): void {
  const first = appended[0]!.version!;
  expect(versionsOf(appended)).toEqual(range(first, first + appended.length - 1));
  expect(idsOf(stored.slice(first - 1, first - 1 + appended.length))).toEqual(idsOf(appended));
}

async function incrementTimes(store: ContractContext['store'], account: TestAggregate, times: number): Promise<void> {
  for (let done = 0; done < times;) {
    const { version, events } = await store.load(account);
    const total = (events.at(-1)?.data as { total: number } | undefined)?.total ?? 0;
    try {
      await store.append(account, event('account.credited', { total: total + 1 }), { expectedVersion: version });
      done++;
    } catch (error) {
      if (!isConcurrencyError(error)) throw error;
    }
  }
}
