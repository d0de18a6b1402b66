import { describe, expect, it } from '@jest/globals';
import { SUBSCRIPTION_DEFAULTS } from '@annals/core';
import { eventually } from '../../wait/eventually.ts';
import { event, numbered } from '../contract-context.ts';
import { Gate } from './gate.ts';
import { Recorder } from './recorder.ts';
import type { SubscriptionContext } from './subscription-context.ts';

/** What operators make, see and remove. */
export function managementContract(context: SubscriptionContext): void {
  describe('creating a subscription', () => {
    it('keeps its place until a process handles it', async () => {
      const order = context.aggregate();
      await context.fill(order, 2);
      const options = context.options(order, { from: 'now' });
      await context.operator.create(options);
      await context.append(order, numbered(3, 3));
      await eventually(async () => (await context.operator.get(options.name)).pending === 3);
      const recorder = new Recorder();
      await context.handleAll({ ...options, from: 'beginning' }, recorder);
      expect(recorder.sorted).toEqual([3, 4, 5]);
    });

    it('tells what it made, with the defaults filled in', async () => {
      const order = context.aggregate();
      await context.fill(order, 2);
      const { tenantId } = order;
      const name = context.name();
      const made = await context.operator.create({ name, filter: { tenantId, eventTypes: ['order.*'] } });
      const { mode, maxDeliver, backoffMs } = SUBSCRIPTION_DEFAULTS;
      expect(made).toMatchObject({ name, mode, maxDeliver, backoffMs, onDeadLetter: 'continue' });
      expect(made.filter).toEqual({ tenantId, eventTypes: ['order.*'] });
      expect(made).toMatchObject({ pending: 2, ackPending: 0, redelivered: 0, redeliveries: 0 });
      expect(made).toMatchObject({ deadLetters: 0, parkedAggregates: 0, waiting: 0 });
      expect(new Date(made.createdAt).toISOString()).toBe(made.createdAt);
      expect(await context.operator.get(name)).toMatchObject({ name, createdAt: made.createdAt });
      const ordered = await context.operator.create({ name: context.name(), mode: 'ordered', filter: { tenantId } });
      expect(ordered.onDeadLetter).toBe('park');
    });

    it('changes nothing when it is done again', async () => {
      const order = context.aggregate();
      await context.fill(order, 2);
      const options = context.options(order);
      const made = await context.operator.create(options);
      await context.handleAll(options, new Recorder());
      const again = await context.subscriptions.create(options);
      expect(again).toMatchObject({ createdAt: made.createdAt, pending: 0 });
    });

    it.each([
      ['mode', { mode: 'ordered' }],
      ['filter', { filter: { eventTypes: ['order.placed'] } }],
      ['number of attempts', { maxDeliver: 7 }],
      ['backoff', { backoffMs: [5] }],
    ] as const)('is refused where one of that name has another %s', async (_, other) => {
      const options = context.options(context.aggregate());
      await context.operator.create(options);
      const again = context.subscriptions.create({ ...options, ...other });
      await expect(again).rejects.toMatchObject({ code: 'subscription-conflict', subscription: options.name });
      expect(await context.operator.get(options.name)).toMatchObject({ mode: 'shared', maxDeliver: 5, backoffMs: [0] });
    });
  });

  describe('subscribing', () => {
    it('brings a subscription to its options, which goes on where it stands', async () => {
      const order = context.aggregate();
      await context.append(order, [event('order.a', { n: 1 }), event('order.b', { n: 2 }), event('order.a', { n: 3 })]);
      const { tenantId } = order;
      const options = context.options(order, { filter: { tenantId, eventTypes: ['order.a'] } });
      await context.handleAll(options, new Recorder());
      await context.append(order, [event('order.a', { n: 4 }), event('order.b', { n: 5 })]);
      const eventTypes = ['order.a', 'order.b'];
      const recorder = new Recorder();
      await context.handleAll(
        { ...options, filter: { tenantId, eventTypes }, maxDeliver: 9, backoffMs: [1] },
        recorder,
      );
      expect(recorder.sorted).toEqual([4, 5]);
      const status = await context.operator.get(options.name);
      expect(status).toMatchObject({ filter: { tenantId, eventTypes }, maxDeliver: 9, backoffMs: [1] });
    });
  });

  describe('the status of a subscription', () => {
    it('tells what waits, what is in hand and how far it is', async () => {
      const order = context.aggregate();
      await context.fill(order, 5);
      const gate = new Gate();
      const recorder = new Recorder(() => gate.opened);
      const options = context.options(order, { concurrency: 2 });
      await context.subscribe(options, recorder);
      await eventually(() => recorder.running === 2);
      const busy = await context.operator.get(options.name);
      expect(busy.state).toBe('catching-up');
      expect(busy.ackPending).toBeGreaterThanOrEqual(2);
      expect(busy.pending + busy.ackPending).toBe(5);
      gate.open();
      const idle = await context.idle(options);
      const last = (await context.read(order)).at(-1)!.position;
      const stream = idle.streams.find((one) => one.stream === last.stream)!;
      expect(stream).toMatchObject({ pending: 0, ackPending: 0, redelivered: 0 });
      expect(stream.checkpoint).toBeGreaterThanOrEqual(last.sequence);
      expect(stream.delivered).toBeGreaterThanOrEqual(last.sequence);
      expect(stream.lastSequence).toBeGreaterThanOrEqual(last.sequence);
      expect(Date.parse(idle.lastDeliveredAt!)).toBeGreaterThan(Date.now() - 600_000);
      expect(Date.parse(idle.lastSettledAt!)).toBeGreaterThan(Date.now() - 600_000);
      await eventually(async () => (await context.operator.get(options.name)).waiting > 0);
    });

    it('knows no event as settled that is behind one in hand', async () => {
      const order = context.aggregate();
      await context.fill(order, 3);
      const gate = new Gate();
      const recorder = new Recorder((one) => (one.version === 2 ? gate.opened : undefined));
      const options = context.options(order);
      await context.subscribe(options, recorder);
      await eventually(() => recorder.done.length === 2);
      const [first, second] = (await context.read(order)).map(({ position }) => position);
      const checkpoint = async () => {
        const { streams } = await context.operator.get(options.name);
        return streams.find(({ stream }) => stream === first!.stream)!.checkpoint;
      };
      await eventually(async () => (await checkpoint()) >= first!.sequence);
      expect(await checkpoint()).toBeLessThan(second!.sequence);
      gate.open();
      await context.idle(options);
    });

    it('is in the list of all, by name', async () => {
      const names = ['b', 'a', 'c'].map((letter) => context.known(`${letter}-${context.unique('list')}`));
      const { tenantId } = context.aggregate();
      for (const name of names) await context.operator.create({ name, filter: { tenantId } });
      const listed = await context.subscriptions.list();
      const found = listed.map(({ name }) => name).filter((name) => names.includes(name));
      expect(found).toEqual([...names].sort());
      expect(listed.find(({ name }) => name === names[0])).toEqual(await context.subscriptions.get(names[0]!));
    });
  });

  describe('deleting a subscription', () => {
    it.each(['shared', 'ordered'] as const)('in mode %s ends its handlers with an error', async (mode) => {
      const order = context.aggregate();
      const options = context.options(order, { mode });
      const active = await context.subscribe(options, new Recorder());
      await context.operator.delete(options.name);
      await expect(active.finished).rejects.toMatchObject({ code: 'subscription-not-found' });
      expect(active.state).toBe('stopped');
      await active.stop();
    });

    it('forgets its place: another one of that name begins anew', async () => {
      const order = context.aggregate();
      await context.fill(order, 3);
      const options = context.options(order);
      await context.handleAll(options, new Recorder());
      await context.operator.delete(options.name);
      await expect(context.subscriptions.get(options.name)).rejects.toMatchObject({ code: 'subscription-not-found' });
      expect((await context.subscriptions.list()).map(({ name }) => name)).not.toContain(options.name);
      const recorder = new Recorder();
      await context.handleAll({ ...options, mode: 'ordered' }, recorder);
      expect(recorder.numbers).toEqual([1, 2, 3]);
    });
  });

  describe('a subscription', () => {
    const callsFor = (name: string): (() => Promise<unknown>)[] => [
      () => context.operator.get(name),
      () => context.operator.pause(name),
      () => context.operator.resume(name),
      () => context.operator.previewRewind(name, 'beginning'),
      () => context.operator.rewind(name, 'beginning'),
      () => context.operator.delete(name),
    ];

    it('that does not exist can be neither seen nor changed', async () => {
      const name = context.unique('nobody');
      for (const call of callsFor(name)) {
        await expect(call()).rejects.toMatchObject({ code: 'subscription-not-found', subscription: name });
      }
    });

    it.each(['', 'a b', '*', '>', 'a/b', 'ä', 'x'.repeat(101)])('cannot be named %p', async (name) => {
      for (const call of callsFor(name)) {
        await expect(call()).rejects.toMatchObject({ code: 'validation-failed', errors: [{ path: 'name' }] });
      }
    });
  });
}
