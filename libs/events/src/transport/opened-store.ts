import type { EventStore } from '@annals/core';
import { type StoreOptions, openStore } from '../store/open-store.ts';

/** A store that was handed in and stays open, or one that is opened when it is needed first and closed again. */
export class OpenedStore {
  readonly isOwn: boolean;
  private opening: Promise<EventStore> | undefined;
  private store: EventStore | undefined;

  constructor(private readonly options: StoreOptions) {
    this.store = options.store;
    this.isOwn = options.store === undefined;
  }

  /** @throws Error while it is not open */
  get current(): EventStore {
    if (!this.store) throw new Error('the store is not open yet: connect or listen first');
    return this.store;
  }

  /** Opens it once. @throws StoreUnavailable when no server answers, as `openJetStreamStore` */
  async open(): Promise<EventStore> {
    if (this.store) return this.store;
    this.opening ??= openStore(this.options);
    try {
      this.store = await this.opening;
      return this.store;
    } finally {
      this.opening = undefined;
    }
  }

  /** Closes what was opened here. Calling it twice is harmless. */
  async close(): Promise<void> {
    if (!this.isOwn) return;
    const store = this.store ?? (await this.opening?.catch(() => undefined));
    this.store = undefined;
    await store?.close();
  }
}
