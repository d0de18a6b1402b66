import { beforeAll, describe, expect, it } from '@jest/globals';
import { type RecordedEvent, type SubscriptionFilter, laneOf } from '@annals/core';
import { collect, event, numbered, range } from '../contract-context.ts';
import { Recorder } from './recorder.ts';
import type { SubscriptionContext } from './subscription-context.ts';

const TYPES = ['user.created', 'user.updated', 'user.email.changed', 'order.created', 'User.created', 'user'];

/** Which events a subscription gets. */
export function wantedContract(context: SubscriptionContext): void {
  describe('a subscription gets', () => {
    const tenantId = context.unique('tenant');
    let stored: RecordedEvent[];

    beforeAll(async () => {
      for (const n of range(0, 35)) {
        const one = event(TYPES[n % 6], { n });
        const ref = { tenantId, type: n % 2 ? 'user' : 'us.er', id: String(n % 5) };
        if (n % 7 === 6) await context.store.appendAll([{ tenantId, events: [one] }]);
        else await context.append(ref, one);
      }
      stored = await context.readTenant(tenantId);
    });

    it.each<[name: string, filter: SubscriptionFilter]>([
      ['an aggregate type', { aggregateType: 'user' }],
      ['an aggregate type with a dot', { aggregateType: 'us.er' }],
      ['a type', { eventTypes: ['user.created'] }],
      ['several types', { eventTypes: ['user.created', 'order.created', 'user'] }],
      ['a pattern of one token', { eventTypes: ['user.*'] }],
      ['a pattern of several tokens', { eventTypes: ['user.>'] }],
      ['a pattern for another place', { eventTypes: ['*.created'] }],
      ['patterns of which one holds the other', { eventTypes: ['user.*', 'user.>', 'user.created', 'user.>'] }],
      ['patterns that overlap, none holding the other', { eventTypes: ['user.*', 'user.>', '*.created'] }],
      ['patterns of an aggregate type', { aggregateType: 'user', eventTypes: ['user.>', '*.created', '*.*'] }],
      ['100 types', { eventTypes: [...range(1, 98).map((n) => `unknown.t${n}`), 'user', 'user.created'] }],
      ['100 patterns that overlap', { eventTypes: range(1, 100).map((n) => (n % 2 ? `*.t${n}` : 'user.*')) }],
    ])('what its filter means: %s', async (_, filter) => {
      const expected = await collect(context.store.readAll({ tenantId, ...filter }));
      expect(expected.length).toBeGreaterThan(0);
      expect(expected.length).toBeLessThan(stored.length);
      const recorder = new Recorder();
      await context.handleAll(context.options({ tenantId }, { filter: { tenantId, ...filter } }), recorder);
      expect(recorder.sorted).toEqual(expected.map(({ data }) => (data as { n: number }).n));
    });

    it.each<[name: string, filter: SubscriptionFilter]>([
      ['all types', { eventTypes: ['>'] }],
      ['all types by two tokens and one', { eventTypes: ['*', '*.>'] }],
    ])('everything where its filter means %s', async (_, filter) => {
      const recorder = new Recorder();
      await context.handleAll(context.options({ tenantId }, { filter: { tenantId, ...filter } }), recorder);
      expect(recorder.sorted).toEqual(range(0, 35));
    });

    it('the same in ordered mode, in order within each aggregate', async () => {
      const filter = { tenantId, eventTypes: ['user.*', 'user.>', '*.created'] };
      const recorder = new Recorder(async () => {});
      await context.handleAll(context.options({ tenantId }, { filter, mode: 'ordered' }), recorder);
      const expected = await collect(context.store.readAll(filter));
      expect(byLane(recorder.deliveries.map(({ event }) => event))).toEqual(byLane(expected));
    });

    it('events of other tenants, too, where it names none', async () => {
      const eventTypes = [context.unique('shipped')];
      const refs = [context.aggregate(), context.aggregate()];
      for (const ref of refs) await context.append(ref, event(eventTypes[0], { n: 1 }));
      const recorder = new Recorder();
      await context.handleAll({ name: context.name(), filter: { eventTypes } }, recorder);
      const tenants = recorder.deliveries.map((one) => one.event.tenantId);
      expect(tenants.sort()).toEqual(refs.map((ref) => ref.tenantId).sort());
    });

    it.each(['*', '>', '.', '-', '%2E', 'ä.*', 'a b'])(
      'only one tenant and type, also of the name %p',
      async (name) => {
        const id = context.unique('id');
        const refs = [
          { tenantId: `${name}${id}`, type: name, id },
          { tenantId: `${name}${id}`, type: 'other', id },
          { tenantId: `x${name}${id}`, type: name, id },
        ];
        for (const [i, ref] of refs.entries()) await context.append(ref, numbered(1, i));
        const recorder = new Recorder();
        const filter = { tenantId: refs[0]!.tenantId, aggregateType: name };
        await context.handleAll({ name: context.name(), filter }, recorder);
        expect(recorder.numbers).toEqual([0]);
      },
    );

    const separate = context.factory.separateTypes ?? [];
    if (separate.length > 0) {
      it.each(['shared', 'ordered'] as const)('the events of several streams in mode %s', async (mode) => {
        const tenant = context.unique('tenant');
        const refs = ['order', ...separate].map((type) => ({ tenantId: tenant, type, id: type }));
        for (const ref of refs) await context.fill(ref, 3);
        const recorder = new Recorder(async () => {});
        const options = context.options({ tenantId: tenant }, { mode });
        await context.subscribe(options, recorder);
        await context.got(recorder, refs.length * 3);
        for (const ref of refs) await context.append(ref, numbered(1, 4));
        const { streams } = await context.idle(options);
        for (const ref of refs) expect(recorder.numbersOf(ref.id).sort()).toEqual([1, 2, 3, 4]);
        if (mode === 'ordered') for (const ref of refs) expect(recorder.numbersOf(ref.id)).toEqual([1, 2, 3, 4]);
        expect(streams.length).toBeGreaterThanOrEqual(refs.length);

        const one = new Recorder();
        const filter = { tenantId: tenant, aggregateType: separate[0] };
        await context.handleAll(context.options({ tenantId: tenant }, { filter, mode }), one);
        expect(one.sorted).toEqual([1, 2, 3, 4]);
      });
    }
  });
}

/** The numbers of the events of each aggregate, in their order. */
function byLane(events: readonly RecordedEvent[]): Record<string, number[]> {
  const lanes: Record<string, number[]> = {};
  for (const one of events) (lanes[laneOf(one)] ??= []).push((one.data as { n: number }).n);
  return lanes;
}
