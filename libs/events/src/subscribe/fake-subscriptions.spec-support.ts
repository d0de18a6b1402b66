import {
  type ActiveSubscription,
  type EventHandler,
  EventHandling,
  type EventStore,
  type HandlingOptions,
  type HandlingOutcome,
  type RecordedEvent,
  type SubscriptionOptions,
  type SubscriptionStatus,
  checkHandling,
  checkSubscription,
} from '@annals/core';
import { createInMemoryStore } from '@annals/testing';

/** A store whose subscriptions hand over each event by itself, at once, and keep what became a dead letter. */
export interface StoreWithFakes extends EventStore {
  readonly letters: {
    readonly subscription: string;
    readonly event: RecordedEvent;
    readonly outcome: HandlingOutcome;
  }[];
  readonly wanted: Map<string, SubscriptionOptions & HandlingOptions>;
  /** What `list` says, beside the names. */
  states: Map<string, SubscriptionStatus['state']>;
  /** Ends a subscription with an error, as deleting it does. */
  fail(name: string, error: Error): void;
}

export function storeWithFakes(): StoreWithFakes {
  const store = createInMemoryStore();
  const letters: StoreWithFakes['letters'] = [];
  const wanted: StoreWithFakes['wanted'] = new Map();
  const failing = new Map<string, (error: Error) => void>();
  const states: StoreWithFakes['states'] = new Map();
  const subscribe = async (options: SubscriptionOptions & HandlingOptions, handler: EventHandler) => {
    const { definition, from } = checkSubscription(options);
    wanted.set(options.name, options);
    const handling = new EventHandling(definition, handler, checkHandling(options).handlerTimeoutMs);
    const ended = new AbortController();
    const tasks = new Set<Promise<void>>();
    const handle = async (event: RecordedEvent): Promise<void> => {
      for (let attempt = 1; !ended.signal.aborted; attempt++) {
        const outcome = await handling.handle(event, { attempt, cause: 'subscription' });
        if (outcome.type === 'dead-letter') letters.push({ subscription: options.name, event, outcome });
        if (outcome.type !== 'retry') return;
        await new Promise((resolve) => setTimeout(resolve, outcome.delayMs));
      }
    };
    const pump = async (): Promise<void> => {
      try {
        for await (const event of store.follow(definition.filter, { from, signal: ended.signal })) {
          const task = handle(event).finally(() => tasks.delete(task));
          tasks.add(task);
        }
      } catch (error) {
        if (!ended.signal.aborted) throw error;
      }
      await Promise.all(tasks);
    };
    const broken = new Promise<never>((_resolve, reject) => failing.set(options.name, reject));
    const active: ActiveSubscription = {
      name: options.name,
      get state() {
        return ended.signal.aborted ? ('stopped' as const) : ('active' as const);
      },
      counts: { handled: 0, retried: 0, deadLettered: 0, inHand: 0 },
      finished: Promise.race([pump(), broken]),
      stop: async ({ timeoutMs = 10_000 } = {}) => {
        ended.abort(new Error('stopped'));
        const patience = setTimeout(() => handling.abandon(new Error('stopped')), timeoutMs);
        await active.finished.catch(() => {});
        clearTimeout(patience);
      },
    };
    return active;
  };
  const list = async () =>
    [...wanted.keys()].map((name) => ({ name, state: states.get(name) ?? 'live' }) as SubscriptionStatus);
  const fakes = { letters, wanted, states, fail: (name: string, error: Error) => failing.get(name)!(error) };
  return new Proxy(store, {
    get(target, key) {
      if (key === 'subscriptions') return { subscribe, list };
      if (key in fakes) return fakes[key as keyof typeof fakes];
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
    },
  }) as unknown as StoreWithFakes;
}

/** All that is stored, in order. */
export async function storedIn(store: EventStore): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for await (const event of store.readAll()) events.push(event);
  return events;
}
