import type {
  DeadLetter,
  EventStore,
  HandlingOptions,
  RecordedEvent,
  SubscriptionOptions,
  Subscriptions,
} from '@annals/core';
import { createInMemoryStore, eventually } from '@annals/testing';

/** A store in memory that tells what was subscribed to. */
export interface ObservedStore extends EventStore {
  readonly wanted: Map<string, SubscriptionOptions & HandlingOptions>;
}

/** @param replaced methods of its subscriptions that answer otherwise */
export function observedStore(replaced: Partial<Subscriptions> = {}): ObservedStore {
  const store = createInMemoryStore();
  const wanted: ObservedStore['wanted'] = new Map();
  const observed: Partial<Subscriptions> = {
    subscribe: (options, handler) => {
      wanted.set(options.name, options);
      return store.subscriptions.subscribe(options, handler);
    },
    ...replaced,
  };
  const subscriptions = overlaid(store.subscriptions, observed);
  return overlaid(store, { subscriptions, wanted }) as ObservedStore;
}

/** Waits until the store holds so many dead letters, and gives them. */
export async function lettersIn(store: EventStore, count = 1): Promise<readonly DeadLetter[]> {
  let letters: readonly DeadLetter[] = [];
  await eventually(async () => {
    ({ letters } = await store.deadLetters.list());
    return letters.length >= count;
  });
  return letters;
}

/** All that is stored, in order. */
export async function storedIn(store: EventStore): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for await (const event of store.readAll()) events.push(event);
  return events;
}

function overlaid<Target extends object>(target: Target, own: object): Target {
  return new Proxy(target, {
    get: (_target, key) => {
      if (key in own) return own[key as keyof typeof own];
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
    },
  });
}
