import type { EventStore, SubscriptionMode } from '@annals/core';
import type { SampleData } from '../event/sample-event.ts';
import type { OnEvent, RunningSubscription, Subscriber } from './subscriber.ts';

/** Any implementation of the store's port, with the defaults of its subscriptions. */
export class StoreSubscriber implements Subscriber {
  readonly parses = true;

  constructor(
    private readonly store: EventStore,
    private readonly mode: SubscriptionMode,
  ) {}

  async start(name: string, onEvent: OnEvent): Promise<RunningSubscription> {
    const { subscriptions } = this.store;
    const active = await subscriptions.subscribe({ name, mode: this.mode }, (event) =>
      onEvent((event.data as SampleData).quantity),
    );
    const failed = active.finished.then(() => new Promise<never>(() => {}));
    failed.catch(() => {});
    return {
      failed,
      inHand: () => active.counts.inHand,
      stop: async () => {
        await active.stop();
        const { pending, ackPending, redeliveries, deadLetters } = await subscriptions.get(name);
        await subscriptions.delete(name);
        return pending + ackPending + redeliveries + deadLetters;
      },
    };
  }

  close(): Promise<void> {
    return this.store.close();
  }
}
