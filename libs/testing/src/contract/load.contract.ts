import { describe, expect, it } from '@jest/globals';
import type { EventStore } from '@annals/core';
import { type ContractContext, event, numbered, range, versionsOf } from './contract-context.ts';

/** Whole aggregates at once, which a store may cache. */
export function loadContract(context: ContractContext): void {
  describe.each([undefined, { cache: true }, { cache: false }])('load with %j', (options) => {
    const load = (...args: Parameters<EventStore['load']>) => context.store.load(args[0], { ...options, ...args[1] });

    it('gives version and events of an aggregate', async () => {
      const order = context.aggregate();
      await context.fill(order, 3);
      const { version, events } = await load(order);
      expect(version).toBe(3);
      expect(events).toEqual(await context.read(order));
    });

    it('gives version 0 for an unknown aggregate, and its events once it has some', async () => {
      const order = context.aggregate();
      expect(await load(order)).toMatchObject({ version: 0, events: [] });
      await context.append(order, numbered(2));
      expect(await load(order)).toMatchObject({ version: 2, events: [{ version: 1 }, { version: 2 }] });
    });

    it('sees what this and other processes appended since the last time', async () => {
      const order = context.aggregate();
      for (const version of range(1, 6)) {
        const writer = version % 2 === 0 ? context.store : context.otherStore;
        await writer.append(order, event());
        await context.whenSeen(async () => {
          const loaded = await load(order);
          expect(loaded.version).toBe(version);
          expect(versionsOf(loaded.events)).toEqual(range(1, version));
        });
      }
    });

    it('is not changed by what a caller does with its result', async () => {
      const order = context.aggregate();
      await context.append(order, event('order.placed', { items: ['a'] }));
      const attempts = [
        ({ events }: { events: readonly { data: unknown }[] }) => (events as unknown[]).pop(),
        ({ events }: { events: readonly { data: unknown }[] }) => (events[0]!.data as { items: string[] }).items.pop(),
      ];
      for (const change of attempts) {
        const loaded = await load(order);
        try {
          change(loaded);
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError); // frozen, which is as good
        }
      }
      const { events } = await load(order);
      expect(events.map(({ data }) => data)).toEqual([{ items: ['a'] }]);
    });

    it('refuses more events than it was told to take, and names what to use instead', async () => {
      const order = context.aggregate();
      await context.fill(order, 11);
      await expect(load(order, { maxEvents: 10 })).rejects.toMatchObject({
        name: 'ResultTooLarge',
        code: 'result-too-large',
        limit: 10,
        message: expect.stringContaining('readAggregate'),
      });
      expect((await load(order, { maxEvents: 11 })).events).toHaveLength(11);
    });

    it('gives a long aggregate whole', async () => {
      const order = context.aggregate();
      await context.fill(order, 1_025);
      expect(versionsOf((await load(order)).events)).toEqual(range(1, 1_025));
      expect(versionsOf((await load(order)).events)).toEqual(range(1, 1_025));
    });
  });
}
