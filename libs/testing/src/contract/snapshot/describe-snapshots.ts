import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { EventStore, Snapshot, SnapshotSummary, Snapshots } from '@annals/core';
import { ContractContext, type TestAggregate } from '../contract-context.ts';
import type { EventStoreFactory } from '../describe-event-store.ts';

const TAKEN_AT = '2026-01-01T00:00:00Z';

/**
 * Tests all that the port `Snapshots` promises, for one implementation.
 *
 * @param name of the implementation, for the tests' names
 */
export function describeSnapshots(name: string, factory: EventStoreFactory): void {
  describe(`${name} as a keeper of snapshots`, () => {
    const context = new ContractContext(factory);
    let snapshots: Snapshots;
    let others: Snapshots;
    let aggregate: TestAggregate;

    beforeAll(async () => {
      await context.open();
      snapshots = context.store.snapshots;
      others = context.otherStore.snapshots;
    });
    afterAll(() => context.close());
    beforeEach(() => {
      aggregate = context.aggregate();
    });

    const snapshot = (version: number, state: unknown = { n: version }, stateVersion = 1): Snapshot => ({
      aggregate,
      version,
      state,
      stateVersion,
      takenAt: TAKEN_AT,
    });

    it('has none of an aggregate that nobody took one of', async () => {
      expect(await snapshots.get(aggregate)).toBeUndefined();
      expect(await snapshots.delete(aggregate)).toBe(false);
      expect(await snapshots.list({ tenantId: aggregate.tenantId })).toEqual({ snapshots: [] });
    });

    it('gives back what was kept, also to another process', async () => {
      const kept = { ...snapshot(3, { name: 'Zoë 🎉', list: [1, null, { deep: true }] }), hash: 'abc' };
      expect(await snapshots.put(kept)).toBe(true);
      expect(await snapshots.get(aggregate)).toEqual(kept);
      expect(await others.get(aggregate)).toEqual(kept);
    });

    it.each([null, 0, '', false, [], 'text'])('keeps the state %j', async (state) => {
      await snapshots.put(snapshot(1, state));
      expect((await snapshots.get(aggregate))?.state).toEqual(state);
    });

    it('keeps a state that is larger than a message', async () => {
      const state = { text: Array.from({ length: 90_000 }, (_, i) => `${i}:${Math.sin(i)}`) };
      await snapshots.put(snapshot(1, state));
      expect((await others.get(aggregate))?.state).toEqual(state);
      await snapshots.put(snapshot(2, { small: true }));
      expect((await others.get(aggregate))?.state).toEqual({ small: true });
    });

    it('shares no object with whoever gave or got a state', async () => {
      const state = { list: [1] };
      await snapshots.put(snapshot(1, state));
      state.list.push(2);
      const got = await snapshots.get<{ list: number[] }>(aggregate);
      got!.state.list.push(3);
      expect((await snapshots.get(aggregate))?.state).toEqual({ list: [1] });
    });

    it('replaces an older version only', async () => {
      expect(await snapshots.put(snapshot(5))).toBe(true);
      expect(await snapshots.put(snapshot(5))).toBe(false);
      expect(await others.put(snapshot(4))).toBe(false);
      expect(await others.put(snapshot(6))).toBe(true);
      expect((await snapshots.get(aggregate))?.version).toBe(6);
    });

    it('replaces one of an older state version, whatever its version, never the reverse', async () => {
      await snapshots.put(snapshot(9, 'old', 1));
      expect(await snapshots.put(snapshot(5, 'new', 2))).toBe(true);
      expect(await snapshots.put(snapshot(10, 'old', 1))).toBe(false);
      expect(await snapshots.get(aggregate)).toMatchObject({ version: 5, state: 'new', stateVersion: 2 });
    });

    it('ends with the newest of many that are kept at the same time', async () => {
      const versions = [3, 9, 1, 7, 5, 2, 8];
      const stored = await Promise.all(
        versions.map((version, i) => (i % 2 ? others : snapshots).put(snapshot(version))),
      );
      expect(stored).toContain(true);
      expect((await snapshots.get(aggregate))?.version).toBe(9);
    });

    it('keeps aggregates apart by tenant, type and id', async () => {
      const { tenantId } = aggregate;
      const refs = [
        aggregate,
        { ...aggregate, type: 'cart' },
        { ...aggregate, id: '1.2' },
        { ...aggregate, id: '1=2' },
        { ...aggregate, id: '1%2' },
        { ...aggregate, tenantId: `${tenantId}x` },
      ];
      for (const [i, ref] of refs.entries()) await snapshots.put({ ...snapshot(i + 1), aggregate: ref });
      for (const [i, ref] of refs.entries()) expect((await snapshots.get(ref))?.version).toBe(i + 1);
    });

    it('lists them in pages, by tenant and type, without their states', async () => {
      for (const id of ['a', 'b', 'c', 'd', 'e']) {
        await snapshots.put({ ...snapshot(2), aggregate: { ...aggregate, type: id < 'd' ? 'order' : 'cart', id } });
      }
      const listed: SnapshotSummary[] = [];
      let cursor: string | undefined;
      let pages = 0;
      do {
        const page = await others.list({ tenantId: aggregate.tenantId }, { limit: 2, cursor });
        listed.push(...page.snapshots);
        cursor = page.nextCursor;
        pages++;
      } while (cursor !== undefined);
      expect([pages, listed.map((summary) => summary.aggregate.id)]).toEqual([3, ['a', 'b', 'c', 'd', 'e']]);
      const { aggregate: _ref, state: _state, ...rest } = snapshot(2);
      expect(listed[0]).toEqual({ ...rest, aggregate: { ...aggregate, id: 'a' }, bytes: 7 });
      const carts = await snapshots.list({ tenantId: aggregate.tenantId, aggregateType: 'cart' });
      expect(carts.snapshots.map((summary) => summary.aggregate.id)).toEqual(['d', 'e']);
    });

    it('forgets one that is deleted, and takes a new one of any version', async () => {
      await snapshots.put(snapshot(5));
      expect(await others.delete(aggregate)).toBe(true);
      expect(await snapshots.get(aggregate)).toBeUndefined();
      expect((await snapshots.list({ tenantId: aggregate.tenantId })).snapshots).toEqual([]);
      expect(await snapshots.put(snapshot(1))).toBe(true);
      expect((await snapshots.get(aggregate))?.version).toBe(1);
    });

    it('refuses what is no snapshot, with every problem', async () => {
      const cyclic: Record<string, unknown> = {};
      cyclic.self = cyclic;
      const wrong = { aggregate, version: 0, stateVersion: 1.5, takenAt: 'now', state: cyclic };
      await expect(snapshots.put(wrong)).rejects.toMatchObject({
        code: 'validation-failed',
        errors: ['version', 'stateVersion', 'takenAt', 'state'].map((path) => expect.objectContaining({ path })),
      });
      await expect(snapshots.put({ ...snapshot(1), state: undefined })).rejects.toMatchObject({
        errors: [{ path: 'state' }],
      });
      await expect(snapshots.get({ type: '', id: '' })).rejects.toMatchObject({ code: 'validation-failed' });
      await expect(snapshots.list({}, { limit: 0 })).rejects.toMatchObject({ errors: [{ path: 'limit' }] });
      await expect(snapshots.list({}, { cursor: 'x' })).rejects.toMatchObject({ errors: [{ path: 'cursor' }] });
    });

    it('is closed with its store', async () => {
      const store: EventStore = await factory.open();
      await store.close();
      await expect(store.snapshots.get(aggregate)).rejects.toMatchObject({ code: 'store-closed' });
    });
  });
}
