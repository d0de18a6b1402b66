import { setTimeout as pause } from 'node:timers/promises';
import { type Logger, isAnnalsError } from '@annals/core';
import { type Msg, type Subscription, createInbox, nanos } from '@nats-io/transport-node';
import type { RequestChannel } from '../../connection/request-channel.ts';
import { statusOf } from '../../header/header-block.ts';
import { NATS_HEADER } from '../../header/header-names.ts';
import { type Delivery, parseDelivery } from '../../scan/delivery.ts';
import { within } from './within.ts';

export interface PullLoopOptions {
  readonly stream: string;
  /** A durable consumer. */
  readonly consumer: string;
  /** Priority group to name. */
  readonly group?: string | undefined;
  /** Makes the consumer anew should it be gone; harmless where it is there. What it throws and is not retryable ends the loop. */
  readonly restore: () => Promise<void>;
  readonly retryMs: number;
  readonly logger: Logger;
}

/** Who takes what a loop brings. Called synchronously. */
export interface PullOwner {
  /** Messages to ask for, beside so many that are asked for already. */
  room(expected: number): number;
  onMessage(msg: Msg, delivery: Delivery): void;
  /** Nothing comes any more of what was asked for: the connection, the server or the consumer is gone. The loop goes on by itself. */
  onInterrupted(): void;
  /** The server gave the place of the active replica to another, or to none. */
  onPinLost(): void;
  /** The loop cannot go on. The last call. */
  onFailed(error: Error): void;
}

/** Statuses of pulls (ADR-13, ADR-42; nats-server 2.15.1). */
const STATUS = { heartbeat: 100, wrongPin: 423 } as const;
const HEARTBEAT_MS = 1_000;
/** Nothing heard for so many heartbeats: the pulls are taken for gone. */
const MAX_SILENT_TICKS = 3;
const EXPIRES_MS = 30_000;
const MAX_PULLS = 4;
const DRAIN_MS = 1_000;
const MAX_BATCH = 1_000;
/** Beside the payload of the largest message: its subject, its reply subject and what the server adds. */
const OVERHEAD_BYTES = 8 * 1024;

/**
 * Pulls from a durable consumer for as long as it is open. Lost connections, restarts of the server, lost consumers and
 * changes of leaders are overcome by new pulls; what was on its way then is delivered again when its time is over.
 */
export class PullLoop {
  private subscription: Subscription | undefined;
  /** Messages that are to come by what was asked for. */
  private expected = 0;
  /**
   * Pulls that may be open. The server serves them in turn, so it is only known that all are served when all messages have
   * come.
   */
  private open = 0;
  /** Ticks since something was heard. Not a time: a process that was busy is not taken for a silent server. */
  private silentTicks = 0;
  private generation = 0;
  private pinId: string | undefined;
  private readonly watchdog: NodeJS.Timeout;
  private readonly forgetReconnects: () => void;
  private ended = false;

  constructor(
    private readonly channel: RequestChannel,
    private readonly options: PullLoopOptions,
    private readonly owner: PullOwner,
  ) {
    this.watchdog = setInterval(() => this.checkSilence(), HEARTBEAT_MS);
    this.watchdog.unref();
    this.forgetReconnects = channel.whenReconnected(() => {
      if (this.ended) return;
      this.owner.onInterrupted();
      this.begin();
    });
  }

  /** True while it pulls, or would if it were to. */
  get pulling(): boolean {
    return this.subscription !== undefined;
  }

  /** Begins anew: what was asked for before no longer comes. @param pinId of the active replica */
  begin(pinId?: string): void {
    if (this.ended || this.channel.nc.isClosed()) return;
    this.interrupt();
    this.pinId = pinId;
    const generation = this.generation;
    this.subscription = this.channel.nc.subscribe(createInbox(), {
      callback: (error, msg) => {
        if (this.generation !== generation) return;
        if (error) void this.recover();
        else this.receive(msg);
      },
    });
    this.pull();
  }

  /** Asks for as much as there is room for. */
  pull(): void {
    if (!this.subscription) return;
    while (this.open < MAX_PULLS) {
      const batch = Math.min(MAX_BATCH, this.owner.room(this.expected));
      if (batch <= 0) return;
      if (this.open === 0) this.silentTicks = 0;
      this.open++;
      this.expected += batch;
      this.ask(batch);
    }
  }

  /** Ends what was asked for until it is opened again. */
  interrupt(): void {
    this.generation++;
    if (!this.channel.nc.isClosed()) this.subscription?.unsubscribe();
    this.subscription = undefined;
    this.open = 0;
    this.expected = 0;
    this.silentTicks = 0;
  }

  /** Ends for good. What is on its way is still handed over before it is fulfilled. */
  async close(): Promise<void> {
    if (this.ended) return;
    this.ended = true;
    clearInterval(this.watchdog);
    this.forgetReconnects();
    if (!this.channel.connected) return this.interrupt();
    try {
      if (this.subscription) await within(DRAIN_MS, this.subscription.drain());
    } catch (error) {
      this.options.logger.debug('the connection was lost while a subscription stopped', { error });
    }
    this.interrupt();
  }

  private ask(batch: number): void {
    const { stream, consumer, group } = this.options;
    const request = {
      batch,
      max_bytes: this.channel.maxPayloadBytes + OVERHEAD_BYTES,
      expires: nanos(EXPIRES_MS),
      idle_heartbeat: nanos(HEARTBEAT_MS),
      ...(group !== undefined && { group }),
      ...(this.pinId !== undefined && { id: this.pinId }),
    };
    const reply = this.subscription!.getSubject();
    if (this.channel.nc.isClosed()) return;
    this.channel.nc.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`, JSON.stringify(request), { reply });
  }

  private receive(msg: Msg): void {
    this.silentTicks = 0;
    const delivery = parseDelivery(msg.reply);
    if (!delivery) return this.receiveStatus(msg);
    this.came(1);
    this.owner.onMessage(msg, delivery);
  }

  private receiveStatus(msg: Msg): void {
    if (this.ended) return;
    const status = statusOf(msg);
    if (status === STATUS.heartbeat) return;
    if (status === STATUS.wrongPin) return this.owner.onPinLost();
    // Only a pull that ended in order tells what it still owed; anything else means that the consumer is gone.
    const pending = msg.headers?.get(NATS_HEADER.pendingMessages);
    if (!pending) return void this.recover();
    this.open--;
    this.came(Number(pending));
    this.pull();
  }

  private came(messages: number): void {
    this.expected -= messages;
    if (this.expected > 0) return;
    this.expected = 0;
    this.open = 0;
  }

  private checkSilence(): void {
    if (this.open > 0 && ++this.silentTicks > MAX_SILENT_TICKS) void this.recover();
  }

  /** Sees to it that the consumer is there, and goes on. */
  private async recover(): Promise<void> {
    const { stream, consumer, restore, retryMs, logger } = this.options;
    this.interrupt();
    const generation = this.generation;
    this.owner.onInterrupted();
    for (let failures = 0; ; failures++) {
      if (failures > 0) await pause(retryMs);
      if (this.ended || this.generation !== generation) return;
      try {
        await restore();
        break;
      } catch (error) {
        if (this.ended || this.generation !== generation) return;
        if (isAnnalsError(error) && !error.retryable) return this.fail(error);
        if (this.channel.nc.isClosed()) return this.fail(error as Error);
        logger.debug('a consumer cannot be restored yet', { stream, consumer, error });
      }
    }
    // A consumer that ends its pulls at once, such as one whose leader is just changing, is not asked without a pause.
    await pause(Math.min(retryMs, 100));
    if (!this.ended && this.generation === generation) this.begin();
  }

  private fail(error: Error): void {
    void this.close();
    this.owner.onFailed(error);
  }
}
