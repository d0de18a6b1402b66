import type { EventStore, SubscriptionStatus } from '@annals/core';
import { type EventuallyOptions, eventually } from './eventually.ts';

/**
 * Waits until a subscription has settled all that is stored: every event that it wants is handled or a dead letter, and no
 * redelivery waits. For any store.
 *
 * @returns its status then
 * @throws SubscriptionNotFound as the cause of an error, when it is not there before the deadline
 * @example
 * await store.append({ type: 'user', id: '1' }, { type: 'user.created', data: {} });
 * await whenIdle(store, 'welcome-mail');
 */
export async function whenIdle(
  store: EventStore,
  subscription: string,
  { deadlineMs = 10_000, intervalMs = 5 }: EventuallyOptions = {},
): Promise<SubscriptionStatus> {
  let before = false;
  return eventually(
    async () => {
      const status = await store.subscriptions.get(subscription);
      const idle = status.state === 'live' && status.redeliveries === 0;
      // Twice: a server may tell of an event a moment after it has acknowledged it.
      const sure = idle && before;
      before = idle;
      return sure ? status : notYet(status);
    },
    { deadlineMs, intervalMs },
  );
}

/** @throws what is still to do, for whoever reads why the deadline was missed */
function notYet({ name, state, pending, ackPending, redeliveries }: SubscriptionStatus): never {
  throw new Error(`${name} is ${state}: ${pending} pending, ${ackPending} in hand, ${redeliveries} to redeliver`);
}
