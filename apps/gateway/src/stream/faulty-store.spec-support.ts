import type { EventStore, RecordedEvent } from '@annals/core';

/** A store that reads one event as often as it is told to, and what became of the read. */
export interface ScriptedRead {
  readonly store: EventStore;
  /** Events taken so far. */
  readonly taken: () => number;
  /** True once the reader has let go. */
  readonly released: () => boolean;
}

/** What a scripted read does. */
export interface ReadScript {
  readonly event: RecordedEvent;
  readonly count: number;
  /** Thrown after the last event. */
  readonly failure?: Error;
  /** Waited for before the first event. */
  readonly before?: Promise<unknown>;
}

/** Replaces what `readAll` of a store does. */
export function withScriptedReadAll(store: EventStore, script: ReadScript): ScriptedRead {
  let taken = 0;
  let released = false;
  async function* readAll(options: { signal?: AbortSignal } = {}): AsyncGenerator<RecordedEvent> {
    try {
      await script.before;
      for (; taken < script.count; taken++) {
        options.signal?.throwIfAborted();
        yield script.event;
      }
      if (script.failure) throw script.failure;
    } finally {
      released = true;
    }
  }
  const scripted = new Proxy(store, {
    get(target, name) {
      if (name === 'readAll') return readAll;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
    },
  });
  return { store: scripted, taken: () => taken, released: () => released };
}
