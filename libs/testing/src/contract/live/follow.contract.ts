import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type EventFilter,
  type EventStore,
  type FollowOptions,
  type RecordedEvent,
  compareTimestamps,
} from '@annals/core';
import { eventually } from '../../wait/eventually.ts';
import { type ContractContext, collect, event, numbered, range } from '../contract-context.ts';
import { Follower } from './follower.ts';

/** Catching up with what is stored, then getting what is new. */
export function followContract(context: ContractContext): void {
  const followers: Follower[] = [];
  const follow = (filter: EventFilter, options?: FollowOptions, store: EventStore = context.store) => {
    const follower = new Follower(store, filter, options);
    followers.push(follower);
    return follower;
  };
  const caughtUp = (follower: Follower) => eventually(() => follower.caughtUp);
  const got = (follower: Follower, count: number) => eventually(() => follower.events.length >= count);
  afterEach(() => Promise.all(followers.splice(0).map((follower) => follower.leave())));

  describe('from the beginning', () => {
    it('gives what is stored as a read does, then what is new', async () => {
      const order = context.aggregate();
      await context.fill(order, 3);
      const follower = follow({ tenantId: order.tenantId }, { from: 'beginning' });
      await got(follower, 3);
      await context.append(order, numbered(2, 4));
      await got(follower, 5);
      expect(follower.events).toEqual(await context.readTenant(order.tenantId));
    });

    it('says once that it has caught up: when what was stored is handed over', async () => {
      const order = context.aggregate();
      await context.fill(order, 3);
      const follower = follow({ tenantId: order.tenantId }, { from: 'beginning' });
      await caughtUp(follower);
      await context.append(order, numbered(2, 4));
      await got(follower, 5);
      expect(follower.caughtUpAt).toEqual([3]);
    });

    it('says so where nothing is stored', async () => {
      const { tenantId } = context.aggregate();
      const follower = follow({ tenantId }, { from: 'beginning' });
      await caughtUp(follower);
      await context.append({ tenantId, type: 'order', id: '1' }, event());
      await got(follower, 1);
      expect(follower.caughtUpAt).toEqual([0]);
    });

    it('gives a long stretch whole and in order', async () => {
      const order = context.aggregate();
      await context.fill(order, 2_500);
      const follower = follow({ tenantId: order.tenantId }, { from: 'beginning' });
      await got(follower, 2_500);
      expect(follower.numbers).toEqual(range(1, 2_500));
    });
  });

  describe('from now', () => {
    it('gives only what is new, also by default', async () => {
      const order = context.aggregate();
      await context.fill(order, 3);
      const both = [follow({ tenantId: order.tenantId }, { from: 'now' }), follow({ tenantId: order.tenantId })];
      await Promise.all(both.map(caughtUp));
      await context.append(order, numbered(2, 4));
      for (const follower of both) {
        await got(follower, 2);
        expect(follower.numbers).toEqual([4, 5]);
        expect(follower.caughtUpAt).toEqual([0]);
      }
    });

    it('gives what another process appends, soon after it was acknowledged', async () => {
      const order = context.aggregate();
      const follower = follow({ tenantId: order.tenantId });
      await caughtUp(follower);
      await context.otherStore.append(order, numbered(2));
      await got(follower, 2);
      expect(follower.numbers).toEqual([1, 2]);
    });

    it('gives events of all tenants, and without aggregate, where no filter is given', async () => {
      const follower = follow({});
      await caughtUp(follower);
      const order = context.aggregate();
      const { tenantId } = context.aggregate();
      await context.append(order, event());
      await context.store.appendAll([{ tenantId, events: [event()] }]);
      const tenants = [order.tenantId, tenantId];
      const found = () => follower.events.filter((one) => tenants.includes(one.tenantId)).map((one) => one.tenantId);
      await eventually(() => found().length >= 2);
      expect(found()).toEqual(tenants);
    });
  });

  describe('from a place', () => {
    it('begins behind a position, alone or in a list', async () => {
      const order = context.aggregate();
      await context.fill(order, 5);
      const { position } = (await context.read(order))[2]!;
      for (const after of [position, [position]]) {
        const follower = follow({ tenantId: order.tenantId }, { from: { after } });
        await got(follower, 2);
        expect(follower.numbers).toEqual([4, 5]);
      }
    });

    it('reads a stream from its beginning that the positions do not name, or name with 0', async () => {
      const order = context.aggregate();
      await context.fill(order, 3);
      const { position } = (await context.read(order))[0]!;
      for (const after of [[], [{ ...position, sequence: 0 }]]) {
        const follower = follow({ tenantId: order.tenantId }, { from: { after } });
        await got(follower, 3);
        expect(follower.numbers).toEqual([1, 2, 3]);
      }
    });

    it('goes on without a gap behind the event that was got last', async () => {
      const order = context.aggregate();
      await context.fill(order, 4);
      const seen: number[] = [];
      for (let after: RecordedEvent['position'] | undefined; seen.length < 4;) {
        const from = after ? { after } : 'beginning';
        for await (const found of context.store.follow({ tenantId: order.tenantId }, { from })) {
          seen.push((found.data as { n: number }).n);
          after = found.position;
          break;
        }
      }
      expect(seen).toEqual([1, 2, 3, 4]);
    });

    it('begins with the first event that was recorded at a time or after it', async () => {
      const order = context.aggregate();
      for (const n of range(1, 4)) await context.append(order, numbered(1, n));
      const stored = await context.read(order);
      const { recordedAt } = stored[2]!;
      const expected = stored.filter((one) => compareTimestamps(one.recordedAt, recordedAt) >= 0);
      const follower = follow({ tenantId: order.tenantId }, { from: { recordedFrom: recordedAt } });
      await got(follower, expected.length);
      await caughtUp(follower);
      expect(follower.events).toEqual(expected);
    });

    it('begins with what is new where the time is still to come', async () => {
      const order = context.aggregate();
      await context.fill(order, 2);
      const from = { recordedFrom: '2100-01-01T00:00:00Z' };
      const follower = follow({ tenantId: order.tenantId }, { from });
      await caughtUp(follower);
      expect(follower.events).toEqual([]);
    });
  });

  describe('a filter', () => {
    const tenantId = context.unique('tenant');
    const types = ['user.created', 'user.updated', 'user.email.changed', 'order.placed', 'order.created'];
    let stored: RecordedEvent[];

    beforeAll(async () => {
      for (const n of range(0, 19)) {
        const one = { ...event(types[n % 5], { n }), timestamp: new Date(Date.UTC(2024, 0, 1 + n)).toISOString() };
        const ref = { tenantId, type: n % 5 < 3 ? 'user' : 'order', id: String(n % 2) };
        if (n % 7 === 6) await context.store.appendAll([{ tenantId, events: [one] }]);
        else await context.append(ref, one);
      }
      stored = await context.readTenant(tenantId);
    });

    it.each<[name: string, filter: EventFilter]>([
      ['an aggregate type', { aggregateType: 'user' }],
      ['an aggregate id', { aggregateId: '1' }],
      ['an aggregate', { aggregateType: 'order', aggregateId: '1' }],
      ['exact types', { eventTypes: ['user.created', 'order.placed'] }],
      ['a pattern of one token', { eventTypes: ['user.*'] }],
      ['a pattern of several tokens', { eventTypes: ['user.>'] }],
      ['patterns that overlap', { eventTypes: ['user.*', 'user.>', '*.created', 'user.created'] }],
      ['patterns and an aggregate type', { aggregateType: 'order', eventTypes: ['*.created', 'order.>'] }],
      ['versions', { fromVersion: 2, toVersion: 3 }],
      ['times', { fromTimestamp: '2024-01-05T00:00:00Z', toTimestamp: '2024-01-15T00:00:00Z' }],
    ])('by %s means what it means for a read', async (_, filter) => {
      const expected = await collect(context.store.readAll({ tenantId, ...filter }));
      expect(expected.length).toBeGreaterThan(0);
      expect(expected.length).toBeLessThan(stored.length);
      const follower = follow({ tenantId, ...filter }, { from: 'beginning' });
      await caughtUp(follower);
      expect(follower.events).toEqual(expected);
    });

    it('holds for what is new, too', async () => {
      const order = context.aggregate();
      const follower = follow({ tenantId: order.tenantId, eventTypes: ['order.*'] });
      await caughtUp(follower);
      const wanted = ['order.a', 'order.a.b', 'user.a', 'order.b', 'order'];
      await context.append(
        order,
        wanted.map((type) => event(type)),
      );
      await got(follower, 2);
      expect(follower.events.map(({ type }) => type)).toEqual(['order.a', 'order.b']);
    });
  });

  describe('a follower', () => {
    it('gets every event once and in order while writers are at work', async () => {
      const tenantId = context.unique('tenant');
      const follower = follow({ tenantId }, { from: 'beginning' });
      const write = async (id: string) => {
        for (const n of range(1, 50)) await context.append({ tenantId, type: 'order', id }, numbered(2, n));
      };
      await Promise.all(['a', 'b', 'c', 'd'].map(write));
      await got(follower, 400);
      expect(follower.events).toEqual(await context.readTenant(tenantId));
    });

    it('that takes slowly misses nothing', async () => {
      const order = context.aggregate();
      await context.fill(order, 1);
      const events = context.store.follow({ tenantId: order.tenantId }, { from: 'beginning' });
      const iterator = events[Symbol.asyncIterator]();
      await iterator.next();
      for (let n = 2; n <= 3_001; n += 1_000) await context.append(order, numbered(1_000, n));
      const numbers: number[] = [];
      while (numbers.length < 3_000) numbers.push(((await iterator.next()).value.data as { n: number }).n);
      await iterator.return?.();
      expect(numbers).toEqual(range(2, 3_001));
    });

    it('disturbs no other one, however many there are and whenever they leave', async () => {
      const order = context.aggregate();
      await context.fill(order, 1);
      const all = range(1, 6).map(() => follow({ tenantId: order.tenantId }, { from: 'beginning' }));
      await Promise.all(all.map(caughtUp));
      await Promise.all(all.slice(0, 3).map((follower) => follower.leave()));
      await context.append(order, numbered(2, 2));
      for (const follower of all.slice(3)) {
        await got(follower, 3);
        expect(follower.numbers).toEqual([1, 2, 3]);
      }
      for (const follower of all.slice(0, 3)) expect(follower.numbers).toEqual([1]);
    });

    it('may change what it got', async () => {
      const order = context.aggregate();
      await context.append(order, event('order.changed', { n: 1 }));
      for await (const found of context.store.follow({ tenantId: order.tenantId }, { from: 'beginning' })) {
        (found.data as { n: number }).n = 2;
        break;
      }
      expect((await context.read(order))[0]!.data).toEqual({ n: 1 });
    });
  });

  const separate = context.factory.separateTypes ?? [];
  if (separate.length > 0) {
    describe('over several streams', () => {
      it('gives the events of all of them, each stream in order, from a place in each', async () => {
        const tenantId = context.unique('tenant');
        const refs = ['order', ...separate].map((type) => ({ tenantId, type, id: '1' }));
        for (const ref of refs) await context.fill(ref, 3);
        const follower = follow({ tenantId }, { from: 'beginning' });
        await caughtUp(follower);
        for (const ref of refs) await context.append(ref, numbered(1, 4));
        await got(follower, refs.length * 4);
        const of = (events: RecordedEvent[], type: string) => events.filter((one) => one.aggregateType === type);
        for (const ref of refs) expect(of(follower.events, ref.type)).toEqual(await context.read(ref));

        const after = await Promise.all(refs.map(async (ref) => (await context.read(ref))[2]!.position));
        expect(new Set(after.map(({ stream }) => stream)).size).toBe(refs.length);
        const later = follow({ tenantId }, { from: { after } });
        await got(later, refs.length);
        await caughtUp(later);
        expect(later.numbers).toEqual(refs.map(() => 4));
      });
    });
  }
}
