import {
  type AnnalsError,
  type EventStore,
  StoreClosed,
  type StoreStatus,
  StoreUnavailable,
  isAnnalsError,
} from '@annals/core';
import type { Logger } from 'pino';

/** Opens a store; called again after a failure. */
export type OpenStore = () => Promise<EventStore>;

/** Trying again cannot help with these: the server or the configuration must change. */
const FATAL_CODES = new Set([
  'server-too-old',
  'provisioning-refused',
  'misplaced-aggregate-type',
  'validation-failed',
]);
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

/** How a {@link StoreConnection} behaves. */
export interface StoreConnectionOptions {
  readonly logger: Logger;
  /** Told of a failure that trying again cannot help with. */
  readonly onFatal?: (error: Error) => void;
}

/**
 * The gateway's hold on the store: it is opened in the background, as often as it takes, while HTTP is served already.
 * Until then every use fails with StoreUnavailable. Once open, the store finds its way back by itself.
 */
export class StoreConnection {
  #store: EventStore | undefined;
  #failure: AnnalsError = new StoreUnavailable('the connection is being made');
  #opening: Promise<void> | undefined;
  #wakeUp: (() => void) | undefined;
  #closed = false;

  constructor(
    private readonly open: OpenStore,
    private readonly options: StoreConnectionOptions,
  ) {}

  /** The open store. @throws StoreUnavailable while there is none */
  get store(): EventStore {
    if (this.#store === undefined) throw this.#failure;
    return this.#store;
  }

  /** Begins to open the store; returns at once. */
  start(): void {
    this.#opening ??= this.#openUntilItWorks();
  }

  /** What the store says of itself, or why there is none. Never throws. */
  async status(): Promise<StoreStatus> {
    if (this.#store !== undefined) return this.#store.status();
    const state = this.#closed ? 'closed' : 'disconnected';
    return { state, reason: this.#failure.message, streams: [], durability: 'unknown' };
  }

  /** Ends the attempts to open it, or closes what is open. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#failure = new StoreClosed();
    this.#wakeUp?.();
    await this.#opening;
    await this.#store?.close();
  }

  async #openUntilItWorks(): Promise<void> {
    for (let attempt = 1; !this.#closed; attempt++) {
      try {
        this.#store = await this.open();
        this.options.logger.info({ attempt }, 'event store opened');
        return;
      } catch (error) {
        if (isFatal(error)) {
          this.#failure = error;
          this.options.onFatal?.(error);
          return;
        }
        if (!this.#closed) this.#failure = asAnnalsError(error);
        const reason = this.#failure.message;
        this.options.logger.warn({ attempt, reason }, 'event store cannot be opened yet, trying again');
        await this.#pause(Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS));
      }
    }
  }

  #pause(ms: number): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function asAnnalsError(error: unknown): AnnalsError {
  if (isAnnalsError(error)) return error;
  return new StoreUnavailable(error instanceof Error ? error.message : String(error), { cause: error });
}

function isFatal(error: unknown): error is AnnalsError {
  return isAnnalsError(error) && FATAL_CODES.has(error.code);
}
