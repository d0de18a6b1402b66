import { describe, expect, it } from '@jest/globals';
import type { HandlerContext, RecordedEvent } from '@annals/core';
import { eventually } from '../../wait/eventually.ts';
import { event, numbered, range } from '../contract-context.ts';
import { Recorder } from './recorder.ts';
import type { SubscriptionContext } from './subscription-context.ts';

/** How events reach a handler. */
export function deliveryContract(context: SubscriptionContext): void {
  describe('a handler', () => {
    it('gets what is stored and what is new, each event once', async () => {
      const order = context.aggregate();
      await context.fill(order, 5);
      const recorder = new Recorder();
      const options = context.options(order);
      await context.subscribe(options, recorder);
      await context.got(recorder, 5);
      await context.append(order, numbered(5, 6));
      await context.got(recorder, 10);
      await context.idle(options);
      expect(recorder.sorted).toEqual(range(1, 10));
      expect(recorder.deliveries.map(({ event }) => event)).toEqual(
        expect.arrayContaining(await context.readTenant(order.tenantId)),
      );
    });

    it('is told of the delivery', async () => {
      const order = context.aggregate();
      await context.fill(order, 1);
      const told: { event: RecordedEvent; context: HandlerContext; aborted: boolean }[] = [];
      const options = context.options(order);
      await context.handleAll(options, (event, context) => {
        told.push({ event, context, aborted: context.signal.aborted });
      });
      const [stored] = await context.read(order);
      expect(told).toHaveLength(1);
      expect(told[0]!.event).toEqual(stored);
      expect(told[0]!.context).toMatchObject({ subscription: options.name, attempt: 1, cause: 'subscription' });
      expect(told[0]!.context.position).toEqual(stored!.position);
      expect(told[0]!.context.replayId).toBeUndefined();
      expect(told[0]!.aborted).toBe(false);
    });

    it('gets what another process appends', async () => {
      const order = context.aggregate();
      const recorder = new Recorder();
      await context.subscribe(context.options(order), recorder);
      await context.otherStore.append(order, numbered(3));
      await context.got(recorder, 3);
      expect(recorder.sorted).toEqual([1, 2, 3]);
    });

    it.each(['without promises', 'with promises'])('may work %s', async (way) => {
      const order = context.aggregate();
      await context.fill(order, 300);
      const recorder = new Recorder(way === 'with promises' ? async () => {} : () => 'anything');
      const options = context.options(order);
      const active = await context.subscribe(options, recorder);
      await context.idle(options);
      expect(recorder.sorted).toEqual(range(1, 300));
      await eventually(() => active.counts.inHand === 0);
      expect(active.counts).toEqual({ handled: 300, retried: 0, deadLettered: 0, inHand: 0 });
      expect(active.state).toBe('active');
      expect(active.name).toBe(options.name);
    });

    it('gets all events of the store where it gives no filter', async () => {
      const refs = [context.aggregate(), context.aggregate('user')];
      const recorder = new Recorder();
      const options = { name: context.name(), from: 'now' } as const;
      await context.subscribe(options, recorder);
      for (const ref of refs) await context.append(ref, numbered(1));
      const tenantId = context.unique('tenant');
      await context.store.appendAll([{ tenantId, events: numbered(1) }]);
      const tenants = [...refs.map((ref) => ref.tenantId), tenantId].sort();
      const found = () => recorder.deliveries.map((one) => one.event.tenantId).filter((one) => tenants.includes(one));
      await eventually(() => found().length >= 3);
      expect(found().sort()).toEqual(tenants);
    });

    it('may change what it gets', async () => {
      const order = context.aggregate();
      await context.append(order, event('order.changed', { n: 1 }));
      await context.handleAll(context.options(order), (one) => {
        (one.data as { n: number }).n = 2;
      });
      expect((await context.read(order))[0]!.data).toEqual({ n: 1 });
    });

    it('may append, and subscribe to what it appends', async () => {
      const order = context.aggregate();
      await context.fill(order, 1);
      const recorder = new Recorder(async (_, { position }) => {
        const { n } = recorder.deliveries.at(-1)!;
        if (n < 5) await context.append(order, [{ ...numbered(1, n + 1)[0]!, messageId: `${position.sequence}-next` }]);
      });
      const options = context.options(order);
      await context.subscribe(options, recorder);
      await context.got(recorder, 5);
      await context.idle(options);
      expect(recorder.numbers).toEqual([1, 2, 3, 4, 5]);
    });
  });

  describe('subscriptions', () => {
    it('of several names each get all', async () => {
      const order = context.aggregate();
      await context.fill(order, 3);
      const recorders = [new Recorder(), new Recorder(), new Recorder()];
      const all = recorders.map((recorder) => ({ recorder, options: context.options(order) }));
      await Promise.all(all.map(({ recorder, options }) => context.subscribe(options, recorder)));
      for (const { recorder, options } of all) {
        await context.idle(options);
        expect(recorder.sorted).toEqual([1, 2, 3]);
      }
    });

    it.each([
      ['case', (id: string) => [`Sub-${id}`, `sub-${id}`]],
      ['a sign', (id: string) => ['.', ':', '_', '-'].map((sign) => `a${sign}${id}`)],
      ['its end', (id: string) => [`${id}:a`, `${id}:a:b`, `${id}`]],
      ['length', (id: string) => [id.padEnd(100, 'x'), id.padEnd(99, 'x')]],
    ])('whose names differ by %s are not the same', async (_, namesOf) => {
      const order = context.aggregate();
      await context.fill(order, 2);
      const names = namesOf(context.unique('n').slice(0, 20)).map((name) => context.known(name));
      for (const name of names) {
        const recorder = new Recorder();
        const options = context.options(order, { name });
        await context.handleAll(options, recorder);
        expect(recorder.sorted).toEqual([1, 2]);
        expect((await context.subscriptions.get(name)).name).toBe(name);
      }
    });
  });
}
