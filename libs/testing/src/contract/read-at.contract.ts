import { describe, expect, it } from '@jest/globals';
import { type ContractContext, collect, event, versionsOf } from './contract-context.ts';

/** An aggregate as it was at a point in time. */
export function readAtContract(context: ContractContext): void {
  describe('readAt', () => {
    it('gives the events that had happened by then, in version order whatever their times', async () => {
      const order = context.aggregate();
      const times = ['2024-01-01T00:00:00Z', '2024-01-03T00:00:00Z', '2024-01-02T00:00:00Z'];
      await context.append(
        order,
        times.map((timestamp) => ({ ...event(), timestamp })),
      );
      const at = async (timestamp: string) => versionsOf(await collect(context.store.readAt(order, timestamp)));
      expect(await at('2023-12-31T23:59:59.999Z')).toEqual([]);
      expect(await at('2024-01-01T00:00:00Z')).toEqual([1]);
      expect(await at('2024-01-02T00:00:00Z')).toEqual([1, 3]);
      expect(await at('2024-01-03T01:00:00+02:00')).toEqual([1, 3]);
      expect(await at('2024-01-03T00:00:00.000Z')).toEqual([1, 2, 3]);
    });

    it('tells times apart to the last digit', async () => {
      const order = context.aggregate();
      const times = ['2024-01-01T00:00:00.1Z', '2024-01-01T00:00:00.100000001Z', '2024-01-01T00:00:00.12Z'];
      await context.append(
        order,
        times.map((timestamp) => ({ ...event(), timestamp })),
      );
      const at = async (timestamp: string) => versionsOf(await collect(context.store.readAt(order, timestamp)));
      expect(await at('2024-01-01T00:00:00.10Z')).toEqual([1]);
      expect(await at('2024-01-01T00:00:00.100000001Z')).toEqual([1, 2]);
      expect(await at('2024-01-01T00:00:00.119999999Z')).toEqual([1, 2]);
      expect(await at('2024-01-01T00:00:00.120000000Z')).toEqual([1, 2, 3]);
    });

    it('finds nothing in an unknown aggregate', async () => {
      expect(await collect(context.store.readAt(context.aggregate(), '2024-01-01T00:00:00Z'))).toEqual([]);
    });

    it.each(['yesterday', '', '2024-01-01', '2024-02-30T00:00:00Z', '2024-01-01T00:00:00'])(
      'refuses %p as a time',
      async (timestamp) => {
        const reading = (async () => collect(context.store.readAt(context.aggregate(), timestamp)))();
        await expect(reading).rejects.toMatchObject({ code: 'validation-failed', errors: [{ path: 'timestamp' }] });
      },
    );
  });
}
