import { describe, expect, it } from '@jest/globals';
import type { EventStore } from '@annals/core';
import { eventually } from '../../wait/eventually.ts';
import { numbered, range } from '../contract-context.ts';
import { Recorder } from './recorder.ts';
import type { SubscriptionContext, TestOptions } from './subscription-context.ts';

/** Several processes that handle one subscription. */
export function replicaContract(context: SubscriptionContext): void {
  describe('replicas', () => {
    it('of a shared subscription divide the events between them', async () => {
      const order = context.aggregate();
      const options = context.options(order);
      const [one, other] = [new Recorder(async () => {}), new Recorder(async () => {})];
      await context.subscribe(options, one);
      await context.subscribe(options, other, context.otherStore);
      let appended = 0;
      await eventually(async () => {
        await context.append(order, numbered(20, appended + 1));
        appended += 20;
        return one.deliveries.length > 0 && other.deliveries.length > 0;
      });
      await context.idle(options);
      expect([...one.numbers, ...other.numbers].sort((a, b) => a - b)).toEqual(range(1, appended));
    });

    it('of a shared subscription take over what one gives back when it stops', async () => {
      const order = context.aggregate();
      const options = context.options(order, { concurrency: 2 });
      const [one, other] = [new Recorder(async () => {}), new Recorder(async () => {})];
      const active = await context.subscribe(options, one);
      await context.fill(order, 300);
      await context.got(one, 1);
      await context.subscribe(options, other, context.otherStore);
      await active.stop();
      await context.idle(options);
      expect([...one.numbers, ...other.numbers].sort((a, b) => a - b)).toEqual(range(1, 300));
    });

    it('of an ordered subscription stand by, and take over when the active one stops', async () => {
      const order = context.aggregate();
      const { tenantId, type } = order;
      // Of one stream: of several, each replica may be active in some.
      const filter = { tenantId, aggregateType: type };
      const options = context.options(order, { mode: 'ordered', filter });
      const { active, standby, recorders } = await pair(options);
      await context.append(order, numbered(3));
      await context.idle(options);
      expect(recorders.active.numbers).toEqual([1, 2, 3]);
      expect(recorders.standby.numbers).toEqual([]);
      await context.append(order, numbered(50, 4));
      await active.stop();
      await context.append(order, numbered(3, 54));
      await context.got(recorders.standby, 1);
      await eventually(() => standby.state === 'active');
      await context.idle(options);
      expect([...recorders.active.numbers, ...recorders.standby.numbers]).toEqual(range(1, 56));
    });

    it('of an ordered subscription take turns, however often one stops', async () => {
      const order = context.aggregate();
      const options = context.options(order, { mode: 'ordered' });
      const recorder = new Recorder(async () => {});
      let active = await context.subscribe(options, recorder);
      for (const n of range(0, 2)) {
        const next = await context.subscribe(options, recorder, n % 2 === 0 ? context.otherStore : context.store);
        await context.append(order, numbered(10, n * 10 + 1));
        await active.stop();
        active = next;
      }
      await context.idle(options);
      expect(recorder.numbers).toEqual(range(1, 30));
      expect(recorder.overlaps).toEqual([]);
    });

    if (context.factory.sharesData) {
      it('take over when the store of the active one is closed', async () => {
        const order = context.aggregate();
        const options = context.options(order, { mode: 'ordered' });
        const store = await context.openStore();
        const [one, other] = [new Recorder(), new Recorder()];
        await context.subscribe(options, one, store);
        await context.append(order, numbered(3));
        await context.idle(options);
        await context.subscribe(options, other);
        await store.close();
        await context.append(order, numbered(3, 4));
        await context.idle(options);
        expect(one.numbers).toEqual([1, 2, 3]);
        expect(other.numbers).toEqual([4, 5, 6]);
      });
    }

    /** Two replicas of which one is active and the other stands by. */
    async function pair(options: TestOptions) {
      const join = async (store: EventStore) => {
        const recorder = new Recorder();
        return { recorder, replica: await context.subscribe(options, recorder, store) };
      };
      const both = [await join(context.store), await join(context.otherStore)];
      const find = (state: string) => both.find(({ replica }) => replica.state === state);
      await eventually(() => find('active') && find('standby'));
      const [active, standby] = [find('active')!, find('standby')!];
      const recorders = { active: active.recorder, standby: standby.recorder };
      return { active: active.replica, standby: standby.replica, recorders };
    }
  });
}
