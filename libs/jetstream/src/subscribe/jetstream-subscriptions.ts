import {
  type ActiveSubscription,
  type CheckedStart,
  type Clock,
  type EventHandler,
  type HandlingOptions,
  type Logger,
  type RewindPreview,
  type StartFrom,
  StoreClosed,
  type SubscriptionHealth,
  SubscriptionNotFound,
  type SubscriptionOptions,
  type SubscriptionStatus,
  type Subscriptions,
  checkStart,
  checkStartStreams,
  checkSubscribe,
  checkSubscription,
  checkSubscriptionName,
} from '@annals/core';
import { mapBounded } from './admin/map-bounded.ts';
import { Rewind, type RewindParts } from './admin/rewind.ts';
import type { SubscriptionStatuses } from './admin/subscription-statuses.ts';
import type { HandlingParts } from './run/handling-parts.ts';
import { startHandling } from './run/start-handling.ts';
import type { SubscriptionMachinery } from './subscription-machinery.ts';
import { activationKey } from './subscription-names.ts';

export interface JetStreamSubscriptionsParts extends RewindParts {
  readonly machinery: SubscriptionMachinery;
  readonly statuses: SubscriptionStatuses;
  readonly handling: HandlingParts;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Subscriptions whose status is asked for at the same time. */
const PARALLEL = 16;
/** Milliseconds that handlers get to finish when the store is closed. */
const CLOSE_MS = 10_000;
/** Milliseconds for which {@link JetStreamSubscriptions.health} is not asked anew. */
const HEALTH_MS = 5_000;

/** Durable subscriptions on JetStream. */
export class JetStreamSubscriptions implements Subscriptions {
  private readonly active = new Set<ActiveSubscription>();
  private readonly rewinds: Rewind;
  private lastHealth: { readonly atMs: number; readonly health: Promise<SubscriptionHealth> } | undefined;
  private closed = false;

  constructor(private readonly parts: JetStreamSubscriptionsParts) {
    this.rewinds = new Rewind(parts);
  }

  async subscribe(options: SubscriptionOptions & HandlingOptions, handler: EventHandler): Promise<ActiveSubscription> {
    this.checkOpen();
    const { definition, from, ...handling } = checkSubscribe(options, handler);
    this.checkStreams(from, 'from');
    const consumers = await this.parts.machinery.keeper.ensure(definition, from);
    this.checkOpen();
    const active = startHandling(this.parts.handling, definition, consumers, handling, handler);
    this.active.add(active);
    const forget = (): boolean => this.active.delete(active);
    active.finished.then(forget, forget);
    return active;
  }

  async create(options: SubscriptionOptions): Promise<SubscriptionStatus> {
    this.checkOpen();
    const { definition, from } = checkSubscription(options);
    this.checkStreams(from, 'from');
    await this.parts.machinery.keeper.establish(definition, from, 'refuse');
    return this.get(definition.name);
  }

  async list(): Promise<readonly SubscriptionStatus[]> {
    this.checkOpen();
    const names = await this.parts.machinery.records.names();
    const statuses = await mapBounded(names, PARALLEL, (name) => this.statusOf(name));
    return statuses.filter((status) => status !== undefined);
  }

  async get(name: string): Promise<SubscriptionStatus> {
    this.checkOpen();
    checkSubscriptionName(name);
    const status = await this.statusOf(name);
    if (!status) throw new SubscriptionNotFound(name);
    return status;
  }

  async pause(name: string): Promise<SubscriptionStatus> {
    return this.setPaused(name, true);
  }

  async resume(name: string): Promise<SubscriptionStatus> {
    return this.setPaused(name, false);
  }

  async previewRewind(name: string, to: StartFrom): Promise<RewindPreview> {
    this.checkOpen();
    checkSubscriptionName(name);
    const start = this.checkStreams(checkStart(to, 'to'), 'to');
    // Counted from where the consumers are: they have to be there.
    return this.rewinds.preview(await this.parts.machinery.keeper.settled(name), start);
  }

  async rewind(name: string, to: StartFrom): Promise<RewindPreview> {
    this.checkOpen();
    checkSubscriptionName(name);
    const start = this.checkStreams(checkStart(to, 'to'), 'to');
    const { keeper } = this.parts.machinery;
    await keeper.settled(name);
    let preview: RewindPreview | undefined;
    await keeper.change(name, async (record) => {
      preview = await this.rewinds.preview(record, start);
      const rewinding = Object.fromEntries(preview.from.map(({ stream, sequence }) => [stream, sequence]));
      for (const { stream } of preview.from) await this.forgetActivation(stream, name);
      return { ...record, rewinding };
    });
    this.parts.logger.info(`subscription ${name} was set to another place`, { subscription: name, ...preview });
    return preview!;
  }

  private checkStreams(start: CheckedStart, path: string): CheckedStart {
    const streams = this.parts.topology.bindings.map(({ name }) => name);
    checkStartStreams(start, streams, path);
    return start;
  }

  /**
   * What an active replica noted as settled would be passed over where it comes again. Before the consumer is set back:
   * from then on that replica looks for what it noted.
   */
  private async forgetActivation(stream: string, name: string): Promise<void> {
    await this.parts.handling.bucket.remove(activationKey(stream, name));
  }

  async delete(name: string): Promise<void> {
    this.checkOpen();
    checkSubscriptionName(name);
    const { lock, records, removal } = this.parts.machinery;
    // Without waiting for a lock where there is nothing.
    if (!(await records.read(name)).record) throw new SubscriptionNotFound(name);
    await lock.hold(name, async (held) => {
      const kept = await records.read(name);
      if (!kept.record) throw new SubscriptionNotFound(name);
      const record = { ...kept.record, deleting: true } as const;
      await records.write(record, kept);
      await removal.finish(held, record);
    });
    this.parts.logger.info(`subscription ${name} was removed`, { subscription: name });
  }

  /** How many there are and which of them get nowhere; asked at most every few seconds. @throws StoreUnavailable */
  health(): Promise<SubscriptionHealth> {
    if (!this.lastHealth || Date.now() - this.lastHealth.atMs >= HEALTH_MS) {
      this.lastHealth = { atMs: Date.now(), health: this.lookForStalls() };
    }
    return this.lastHealth.health;
  }

  /** True while this process handles a subscription. */
  get isHandling(): boolean {
    return this.active.size > 0;
  }

  /** Stops every handler of this process, and waits for what is in hand within a limit. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.allSettled([...this.active].map((active) => active.stop({ timeoutMs: CLOSE_MS })));
  }

  private async setPaused(name: string, paused: boolean): Promise<SubscriptionStatus> {
    this.checkOpen();
    checkSubscriptionName(name);
    const { keeper } = this.parts.machinery;
    await keeper.known(name);
    await keeper.change(name, (record) => {
      if (record.paused === paused) return record;
      return { ...record, paused, ...(!paused && { movedAt: new Date(this.parts.clock.now()).toISOString() }) };
    });
    return this.get(name);
  }

  private async statusOf(name: string): Promise<SubscriptionStatus | undefined> {
    const { record } = await this.parts.machinery.records.read(name);
    return record && !record.deleting ? this.parts.statuses.of(record) : undefined;
  }

  private async lookForStalls(): Promise<SubscriptionHealth> {
    const { records } = this.parts.machinery;
    const looks = await mapBounded(await records.names(), PARALLEL, async (name) => {
      const { record } = await records.read(name);
      return record && !record.deleting ? { name, stalled: await this.parts.statuses.isStalled(record) } : undefined;
    });
    const known = looks.filter((look) => look !== undefined);
    return { total: known.length, stalled: known.filter(({ stalled }) => stalled).map(({ name }) => name) };
  }

  private checkOpen(): void {
    if (this.closed) throw new StoreClosed();
  }
}
