import { setTimeout as pause } from 'node:timers/promises';
import { type EventStore, type MessageIdSource, DEFAULT_TENANT, systemClock, ulidSource } from '@annals/core';
import type { Logger } from 'pino';
import type { LiveMetrics } from './live-metrics.ts';

/** Who connected. */
export interface ConnectedUser {
  readonly tenantId: string | undefined;
  readonly userId: string | undefined;
}

/** An event that waits to be stored. */
interface ConnectionRecord {
  readonly connectionId: string;
  readonly user: ConnectedUser;
  readonly type: 'websocket.user.connected' | 'websocket.user.disconnected';
  readonly timestamp: string;
  readonly data: object;
  /** Stored before this one. */
  readonly before: Promise<void> | undefined;
  readonly done: () => void;
}

/** Aggregates of sockets; an aggregate is one socket, from connect to disconnect. */
export const CONNECTION_AGGREGATE = 'websocket-connection';

/** Beyond so many that wait, connects and disconnects are left out: a socket never waits for the store. */
const MAX_WAITING = 10_000;
const MAX_TRIES = 5;
const RETRY_PAUSE_MS = 200;
const AT_A_TIME = 16;

/** Stores an event when a socket is opened and one when it is closed, beside what the sockets do. */
export class ConnectionRecorder {
  readonly #waiting: ConnectionRecord[] = [];
  readonly #newId: MessageIdSource = ulidSource(() => systemClock.now());
  #working = 0;
  #onIdle: (() => void)[] = [];

  constructor(
    /** The open store. @throws StoreUnavailable */
    private readonly store: () => EventStore,
    private readonly metrics: LiveMetrics,
    private readonly logger: Logger,
  ) {}

  /** @returns to be called with the close code when the socket is closed */
  connected(user: ConnectedUser): (closeCode: number) => void {
    const connectionId = this.#newId();
    const openedAt = systemClock.now();
    const before = this.#record({ connectionId, user, type: 'websocket.user.connected', data: {}, before: undefined });
    return (closeCode) => {
      const data = { closeCode, durationMs: systemClock.now() - openedAt };
      void this.#record({ connectionId, user, type: 'websocket.user.disconnected', data, before });
    };
  }

  /** Waits until nothing waits to be stored any more. */
  async idle(): Promise<void> {
    if (this.#working === 0) return;
    await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  /** Resolves when it was stored, or given up. */
  #record(record: Omit<ConnectionRecord, 'timestamp' | 'done'>): Promise<void> {
    if (this.#waiting.length >= MAX_WAITING) {
      this.metrics.connectionUnrecorded();
      return Promise.resolve();
    }
    return new Promise((done) => {
      this.#waiting.push({ ...record, timestamp: new Date(systemClock.now()).toISOString(), done });
      if (this.#working < AT_A_TIME) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#working++;
    for (let record = this.#waiting.shift(); record; record = this.#waiting.shift()) {
      // What comes before it was taken up before it, so somebody works on that.
      await record.before;
      await this.#append(record);
      record.done();
    }
    if (--this.#working === 0) for (const resolve of this.#onIdle.splice(0)) resolve();
  }

  async #append({ connectionId, user, type, timestamp, data }: ConnectionRecord): Promise<void> {
    const { tenantId = DEFAULT_TENANT, userId } = user;
    // The same id at each try, so that one whose answer was lost is not stored twice.
    const messageId = `${connectionId}.${type.slice(type.lastIndexOf('.') + 1)}`;
    const event = {
      messageId,
      type,
      timestamp,
      data,
      correlationId: connectionId,
      ...(userId !== undefined && { userId }),
    };
    for (let tries = 1; ; tries++) {
      try {
        await this.store().append({ tenantId, type: CONNECTION_AGGREGATE, id: connectionId }, event);
        return;
      } catch (error) {
        if (tries < MAX_TRIES) {
          await pause(RETRY_PAUSE_MS * tries);
          continue;
        }
        this.metrics.connectionUnrecorded();
        this.logger.warn({ connectionId, type, err: error }, 'the connection of a socket could not be recorded');
        return;
      }
    }
  }
}
