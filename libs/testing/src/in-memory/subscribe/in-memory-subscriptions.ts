import {
  type ActiveSubscription,
  type CheckedStart,
  type Clock,
  type EventHandler,
  type HandlingOptions,
  type RewindPreview,
  type StartFrom,
  StoreClosed,
  SubscriptionConflict,
  type SubscriptionDefinition,
  SubscriptionNotFound,
  type SubscriptionOptions,
  type SubscriptionStatus,
  type Subscriptions,
  canonicalJson,
  checkStart,
  checkStartStreams,
  checkSubscribe,
  checkSubscription,
  checkSubscriptionName,
} from '@annals/core';
import type { LetterShelf } from '../dead-letter/letter-shelf.ts';
import type { EventLog } from '../event-log.ts';
import { InMemorySubscription } from './in-memory-subscription.ts';

/** The subscriptions of an in-memory store. Those who subscribe by one name are its replicas. */
export class InMemorySubscriptions implements Subscriptions {
  readonly #byName = new Map<string, InMemorySubscription>();
  #closed = false;

  constructor(
    private readonly log: EventLog,
    private readonly letters: LetterShelf,
    private readonly clock: Clock,
  ) {}

  async subscribe(options: SubscriptionOptions & HandlingOptions, handler: EventHandler): Promise<ActiveSubscription> {
    this.assertOpen();
    const { definition, from, ...handling } = checkSubscribe(options, handler);
    checkStartStreams(from, [this.log.stream]);
    let subscription = this.#byName.get(definition.name);
    if (!subscription) subscription = this.#make(definition, from);
    else {
      const { mode } = subscription.definition;
      if (subscription.hasReplicas && mode !== definition.mode) {
        throw new SubscriptionConflict(definition.name, `is handled as ${mode} by another process: stop that first`);
      }
      subscription.redefine(definition);
    }
    return subscription.join(handling, handler);
  }

  async create(options: SubscriptionOptions): Promise<SubscriptionStatus> {
    this.assertOpen();
    const { definition, from } = checkSubscription(options);
    checkStartStreams(from, [this.log.stream]);
    const found = this.#byName.get(definition.name);
    if (!found) return this.#make(definition, from).status;
    if (canonicalJson(found.definition) === canonicalJson(definition)) return found.status;
    throw new SubscriptionConflict(
      definition.name,
      'is there with other options: delete it, or subscribe to change them',
    );
  }

  async list(): Promise<readonly SubscriptionStatus[]> {
    this.assertOpen();
    return [...this.#byName.keys()].sort().map((name) => this.#byName.get(name)!.status);
  }

  async get(name: string): Promise<SubscriptionStatus> {
    return this.#known(name).status;
  }

  async pause(name: string): Promise<SubscriptionStatus> {
    const subscription = this.#known(name);
    subscription.pause();
    return subscription.status;
  }

  async resume(name: string): Promise<SubscriptionStatus> {
    const subscription = this.#known(name);
    subscription.resume();
    return subscription.status;
  }

  async previewRewind(name: string, to: StartFrom): Promise<RewindPreview> {
    return this.#known(name).backlog.preview(this.#place(to));
  }

  async rewind(name: string, to: StartFrom): Promise<RewindPreview> {
    return this.#known(name).rewind(this.#place(to));
  }

  #place(to: StartFrom): CheckedStart {
    const start = checkStart(to, 'to');
    checkStartStreams(start, [this.log.stream], 'to');
    return start;
  }

  async delete(name: string): Promise<void> {
    this.#known(name).end(new SubscriptionNotFound(name));
    this.#byName.delete(name);
  }

  /** All that are there: whoever replays hands events over by their `redeliver`. */
  get all(): readonly InMemorySubscription[] {
    return [...this.#byName.values()];
  }

  find(name: string): InMemorySubscription | undefined {
    return this.#byName.get(name);
  }

  /** Finishes what is in hand and refuses all calls from then on. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.all.map((subscription) => subscription.stop()));
  }

  /** @throws StoreClosed */
  assertOpen(): void {
    if (this.#closed) throw new StoreClosed();
  }

  #known(name: string): InMemorySubscription {
    this.assertOpen();
    checkSubscriptionName(name);
    const subscription = this.#byName.get(name);
    if (!subscription) throw new SubscriptionNotFound(name);
    return subscription;
  }

  #make(definition: SubscriptionDefinition, from: ReturnType<typeof checkSubscription>['from']): InMemorySubscription {
    const subscription = new InMemorySubscription(definition, from, this.log, this.letters, this.clock);
    this.#byName.set(definition.name, subscription);
    return subscription;
  }
}
