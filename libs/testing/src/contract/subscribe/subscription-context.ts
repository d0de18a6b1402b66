import type {
  ActiveSubscription,
  EventHandler,
  EventStore,
  HandlingOptions,
  SubscriptionOptions,
  SubscriptionStatus,
  Subscriptions,
} from '@annals/core';
import { eventually } from '../../wait/eventually.ts';
import { whenIdle } from '../../wait/when-idle.ts';
import { ContractContext, type TestAggregate } from '../contract-context.ts';
import { Recorder } from './recorder.ts';

/** A subscription under test: its name, and how it is made. */
export type TestOptions = SubscriptionOptions & HandlingOptions;

/** What the tests of subscriptions share, and how each leaves nothing behind. */
export class SubscriptionContext extends ContractContext {
  readonly #active: ActiveSubscription[] = [];
  readonly #names = new Set<string>();
  readonly #opened: EventStore[] = [];

  /** Ends what a test began. */
  async clean(): Promise<void> {
    await Promise.all(this.#active.splice(0).map((active) => active.stop({ timeoutMs: 100 })));
    const { deadLetters } = this.store;
    for (const name of this.#names) {
      await this.subscriptions.delete(name).catch(() => {});
      await deadLetters.purge({ subscription: name });
    }
    this.#names.clear();
    await Promise.all(this.#opened.splice(0).map((store) => store.close()));
  }

  /** Of the process that handles events. */
  get subscriptions(): Subscriptions {
    return this.store.subscriptions;
  }

  /** Of another process, where data are shared. */
  get operator(): Subscriptions {
    return this.otherStore.subscriptions;
  }

  /** A subscription to one tenant, whose failed attempts are repeated at once. */
  options(tenant: { readonly tenantId: string }, more: Partial<TestOptions> = {}): TestOptions {
    const name = this.name();
    return { name, filter: { tenantId: tenant.tenantId }, backoffMs: [0], ...more };
  }

  /** A name that no other test has. */
  name(): string {
    return this.known(this.unique('sub'));
  }

  /** Takes note of a subscription that is to be removed after the test. */
  known(name: string): string {
    this.#names.add(name);
    return name;
  }

  async subscribe(
    options: TestOptions,
    handler: Recorder | EventHandler,
    store: EventStore = this.store,
  ): Promise<ActiveSubscription> {
    const active = await store.subscriptions.subscribe(
      options,
      handler instanceof Recorder ? handler.handler : handler,
    );
    // Tests of the end ask for it; in the others it must not end the process.
    active.finished.catch(() => {});
    this.#active.push(active);
    return active;
  }

  /** Subscribes, waits until all that is stored is settled, and stops. */
  async handleAll(options: TestOptions, handler: Recorder | EventHandler): Promise<SubscriptionStatus> {
    const active = await this.subscribe(options, handler);
    const status = await this.idle(options);
    await active.stop();
    return status;
  }

  /** A store of its own, closed after the test. */
  async openStore(): Promise<EventStore> {
    const store = await this.factory.open();
    this.#opened.push(store);
    return store;
  }

  idle({ name }: { readonly name: string }): Promise<SubscriptionStatus> {
    return whenIdle(this.store, name);
  }

  /** Waits until a recorder was called so often. */
  async got(recorder: Recorder, count: number): Promise<void> {
    await eventually(() => recorder.deliveries.length >= count || undefined);
  }

  /**
   * Waits until what was appended before this call had its time: another subscription has handled all of the tenant.
   * What was not handed over by then is held back.
   */
  async othersHandled({ tenantId }: Pick<TestAggregate, 'tenantId'>): Promise<void> {
    await this.handleAll(this.options({ tenantId }), () => {});
  }
}
