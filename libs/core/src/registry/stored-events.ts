import type { EventStore } from '../store/event-store.ts';
import type { EventRegistry } from './event-registry.ts';

/** A store of events as they are stored, and what makes today's events of them. */
export interface StoredEvents {
  readonly store: EventStore;
  /** Undefined where events are read as they are stored. */
  readonly registry: EventRegistry | undefined;
}

const behind = new WeakMap<EventStore, StoredEvents>();

/** Notes what a store with a registry wraps. */
export function rememberStored(registered: EventStore, store: EventStore, registry: EventRegistry): EventStore {
  behind.set(registered, { store, registry });
  return registered;
}

/**
 * The store behind one that has a registry, for whoever counts stored events or looks at their schema versions: pages,
 * places in the log, audits. A store without a registry is its own.
 */
export function storedEvents(store: EventStore): StoredEvents {
  return behind.get(store) ?? { store, registry: undefined };
}
