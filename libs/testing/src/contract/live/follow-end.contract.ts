import { afterEach, describe, expect, it } from '@jest/globals';
import type { EventFilter, EventStore, FollowOptions } from '@annals/core';
import { eventually } from '../../wait/eventually.ts';
import { type ContractContext, collect, event } from '../contract-context.ts';
import { Follower } from './follower.ts';

/** How following ends, and what is refused. */
export function followEndContract(context: ContractContext): void {
  describe('following ends', () => {
    const opened: EventStore[] = [];
    afterEach(() => Promise.all(opened.splice(0).map((store) => store.close())));
    const open = async () => {
      const store = await context.factory.open();
      opened.push(store);
      return store;
    };

    it('with the reason of a signal that was given before it began', async () => {
      const reason = new Error('not wanted any more');
      const following = collect(context.store.follow({}, { signal: AbortSignal.abort(reason) }));
      await expect(following).rejects.toBe(reason);
    });

    it('with the reason of a signal that comes while it waits', async () => {
      const reason = new Error('enough');
      const controller = new AbortController();
      const { tenantId } = context.aggregate();
      const follower = new Follower(context.store, { tenantId }, { signal: controller.signal });
      await eventually(() => follower.caughtUp);
      controller.abort(reason);
      await expect(follower.ended).rejects.toBe(reason);
    });

    it('with the reason of a signal that comes while there is more', async () => {
      const order = context.aggregate();
      await context.fill(order, 500);
      const reason = new Error('enough');
      const controller = new AbortController();
      let seen = 0;
      const following = (async () => {
        const options = { from: 'beginning', signal: controller.signal } as const;
        for await (const _event of context.store.follow({ tenantId: order.tenantId }, options)) {
          if (++seen === 10) controller.abort(reason);
        }
      })();
      await expect(following).rejects.toBe(reason);
      expect(seen).toBe(10);
    });

    it('when its reader leaves, by an error too, and the store goes on', async () => {
      const order = context.aggregate();
      await context.fill(order, 10);
      const failure = new Error('of the reader');
      for (let i = 0; i < 5; i++) {
        const following = (async () => {
          for await (const _event of context.store.follow({ tenantId: order.tenantId }, { from: 'beginning' })) {
            if (i % 2 === 0) break;
            throw failure;
          }
        })();
        if (i % 2 === 0) await following;
        else await expect(following).rejects.toBe(failure);
      }
      await context.append(order, event());
    });

    it('when its reader leaves before it began', async () => {
      const iterator = context.store.follow({ tenantId: context.unique('tenant') })[Symbol.asyncIterator]();
      await iterator.return?.();
      expect((await iterator.next()).done).toBe(true);
    });

    it('when its reader leaves while it waits', async () => {
      const follow = context.store.follow({ tenantId: context.unique('tenant') });
      const iterator = follow[Symbol.asyncIterator]();
      const next = iterator.next();
      await iterator.return?.();
      expect((await next).done).toBe(true);
    });

    it('when its store is closed', async () => {
      const store = await open();
      const follower = new Follower(store, { tenantId: context.unique('tenant') });
      await eventually(() => follower.caughtUp);
      await store.close();
      await expect(follower.ended).rejects.toMatchObject({ code: 'store-closed' });
      await expect(collect(store.follow())).rejects.toMatchObject({ code: 'store-closed' });
    });
  });

  describe('following is refused', () => {
    const refused = (filter: unknown, options: unknown = {}) =>
      collect(context.store.follow(filter as EventFilter, options as FollowOptions));

    it.each<[name: string, filter: unknown, path: string]>([
      ['an empty tenant', { tenantId: '' }, 'tenantId'],
      ['a tenant that is no text', { tenantId: 7 }, 'tenantId'],
      ['an aggregate type that is too long', { aggregateType: 'x'.repeat(201) }, 'aggregateType'],
      ['no types', { eventTypes: [] }, 'eventTypes'],
      ['types that are no list', { eventTypes: 'user.*' }, 'eventTypes'],
      ['too many types', { eventTypes: Array(101).fill('user.created') }, 'eventTypes'],
      ['a pattern whose > is not last', { eventTypes: ['user', '>.user'] }, 'eventTypes.1'],
      ['a pattern with a space', { eventTypes: ['user .*'] }, 'eventTypes.0'],
      ['a time that is none', { recordedFrom: 'yesterday' }, 'recordedFrom'],
    ])('with %s', async (_, filter, path) => {
      await expect(refused(filter)).rejects.toMatchObject({ code: 'validation-failed', errors: [{ path }] });
    });

    it.each<[name: string, from: unknown, path: string]>([
      ['a word', 'yesterday', 'from'],
      ['null', null, 'from'],
      ['an empty object', {}, 'from'],
      ['two places at once', { after: [], recordedFrom: '2024-01-01T00:00:00Z' }, 'from'],
      ['a time that is none', { recordedFrom: 'yesterday' }, 'from.recordedFrom'],
      ['a position without stream', { after: { sequence: 1 } }, 'from.after.stream'],
      ['a position below 0', { after: { stream: 'EVENTS', sequence: -1 } }, 'from.after.sequence'],
      [
        'a stream that is named twice',
        { after: [1, 2].map((sequence) => ({ stream: 'EVENTS', sequence })) },
        'from.after.1.stream',
      ],
    ])('from %s', async (_, from, path) => {
      await expect(refused({}, { from })).rejects.toMatchObject({ code: 'validation-failed', errors: [{ path }] });
    });
  });
}
