import { describe, expect, it } from '@jest/globals';
import type { ExpectedVersion } from '@annals/core';
import { type ContractContext, event, numbered } from './contract-context.ts';

/** When an expected version lets a writer in, and what a refusal says. */
export function expectationContract(context: ContractContext): void {
  describe('an expected version', () => {
    const accepted: [head: number, expected: ExpectedVersion | undefined][] = [
      [0, undefined],
      [0, 'any'],
      [0, 'none'],
      [0, 0],
      [2, undefined],
      [2, 'any'],
      [2, 'exists'],
      [2, 2],
    ];
    it.each(accepted)('lets a writer in at version %s with %p', async (head, expectedVersion) => {
      const order = context.aggregate();
      await context.fill(order, head);
      const { heads } = await context.append(order, numbered(2), { expectedVersion });
      expect(heads[0]!.version).toBe(head + 2);
    });

    const refused: [head: number, expected: ExpectedVersion][] = [
      [0, 1],
      [0, Number.MAX_SAFE_INTEGER],
      [0, 'exists'],
      [2, 0],
      [2, 1],
      [2, 3],
      [2, 'none'],
    ];
    it.each(refused)('refuses a writer at version %s with %p and stores nothing', async (head, expectedVersion) => {
      const order = context.aggregate();
      await context.fill(order, head);
      for (const events of [event(), numbered(3)]) {
        await expect(context.append(order, events, { expectedVersion })).rejects.toMatchObject({
          name: 'ConcurrencyError',
          code: 'concurrency-conflict',
          retryable: false,
          aggregate: order,
          expectedVersion,
          actualVersion: head,
        });
      }
      expect(await context.store.currentVersion(order)).toBe(head);
      expect(await context.readTenant(order.tenantId)).toHaveLength(head);
    });

    it('lets the same writer in again once it knows the head', async () => {
      const order = context.aggregate();
      await context.fill(order, 3);
      await expect(context.append(order, event(), { expectedVersion: 2 })).rejects.toMatchObject({ actualVersion: 3 });
      const { heads } = await context.append(order, event(), { expectedVersion: 3 });
      expect(heads[0]!.version).toBe(4);
    });

    it('is held against what other processes wrote', async () => {
      const order = context.aggregate();
      await context.append(order, event(), { expectedVersion: 0 });
      await context.otherStore.append(order, event(), { expectedVersion: 1 });
      await expect(context.append(order, event(), { expectedVersion: 1 })).rejects.toMatchObject({ actualVersion: 2 });
      const { heads } = await context.append(order, event(), { expectedVersion: 2 });
      expect(heads[0]!.version).toBe(3);
    });

    it('knows no head of an aggregate without events', async () => {
      const order = context.aggregate();
      expect(await context.store.head(order)).toBeUndefined();
      expect(await context.store.exists(order)).toBe(false);
      expect(await context.store.currentVersion(order)).toBe(0);
    });
  });
}
