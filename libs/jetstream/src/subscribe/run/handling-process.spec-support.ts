import {
  type ActiveSubscription,
  type DeadLetters,
  type EventHandler,
  type HandlingOptions,
  type SubscriptionOptions,
  checkHandling,
  checkSubscription,
  silentLogger,
  systemClock,
} from '@annals/core';
import { jetstreamManager } from '@nats-io/jetstream';
import { type NatsConnection, connect, nanos } from '@nats-io/transport-node';
import { createDeadLetters } from '../../dead-letter/create-dead-letters.ts';
import { type DeadLetterParts, createDeadLetterParts } from '../../dead-letter/dead-letter-parts.ts';
import { resolveTopology } from '../../topology/topology.ts';
import type { SubscriptionConsumer } from '../subscription-consumer.ts';
import type { SubscriptionMachinery } from '../subscription-machinery.ts';
import { Bucket } from '../../bucket/bucket.ts';
import { machinery } from '../subscription.spec-support.ts';
import { SUBSCRIPTION_BUCKET } from '../subscription-names.ts';
import type { HandlingParts, HandlingTiming } from './handling-parts.ts';
import { startHandling } from './start-handling.ts';

export type TestSubscription = SubscriptionOptions & HandlingOptions & { readonly timing?: Partial<HandlingTiming> };

/** Times that let a test see what takes half a minute otherwise. */
export const QUICK: HandlingTiming = { ackWaitMs: 600, pinTimeoutMs: 600, checkpointMs: 100, retryMs: 100 };

/** What one process of a service has, on a connection of its own. */
export class HandlingProcess {
  private readonly active: ActiveSubscription[] = [];

  private constructor(
    readonly nc: NatsConnection,
    readonly machinery: SubscriptionMachinery,
    readonly letters: DeadLetterParts,
    readonly deadLetters: DeadLetters,
    readonly parts: HandlingParts,
  ) {}

  static async open(servers: string, stuckMs?: number): Promise<HandlingProcess> {
    const nc = await connect({ servers, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
    const topology = resolveTopology();
    const made = machinery(nc, topology, stuckMs === undefined ? {} : { stuckMs });
    const { channel, keeper } = made;
    const bucket = new Bucket(nc, SUBSCRIPTION_BUCKET, { description: 'Annals: subscriptions' });
    const jsm = await jetstreamManager(nc);
    const letters = createDeadLetterParts({ jsm, channel, replicas: 1, logger: silentLogger, bucket });
    const { box: letterBox, parked, redeliveries } = letters;
    const clock = systemClock;
    const logger = silentLogger;
    const deadLetters = createDeadLetters({ channel, topology, bucket, letters, clock, logger, checkOpen: () => {} });
    return new HandlingProcess(nc, made, letters, deadLetters, {
      channel,
      keeper,
      letterBox,
      parked,
      redeliveries,
      bucket,
      logger,
    });
  }

  async subscribe(
    options: TestSubscription,
    handler: EventHandler,
    replaced: Partial<HandlingParts> = {},
  ): Promise<ActiveSubscription> {
    const { concurrency, handlerTimeoutMs, timing, ...wanted } = options;
    const { definition, from } = checkSubscription(wanted);
    const consumers = await this.machinery.keeper.ensure(definition, from);
    if (timing) for (const consumer of consumers) await this.hurry(consumer, timing);
    const parts = { ...this.parts, timing, ...replaced };
    const active = startHandling(
      parts,
      definition,
      consumers,
      checkHandling({ concurrency, handlerTimeoutMs }),
      handler,
    );
    this.active.push(active);
    return active;
  }

  consumer(name: string): SubscriptionConsumer {
    const binding = resolveTopology().defaultBinding;
    return { binding, name: `sub-${name}` };
  }

  /** As the port deletes a subscription. */
  async remove(subscription: string): Promise<void> {
    const { lock, records, removal } = this.machinery;
    await lock.hold(subscription, async (held) => {
      const kept = await records.read(subscription);
      const record = { ...kept.record!, deleting: true as const };
      await records.write(record, kept);
      await removal.finish(held, record);
    });
  }

  /** Stops what still runs, and leaves. */
  async close(): Promise<void> {
    if (this.nc.isClosed()) return;
    await Promise.all(this.active.map((active) => active.stop({ timeoutMs: 100 })));
    this.parts.channel.close();
    await this.nc.close();
  }

  /** The server has to wait as long as the process believes. */
  private async hurry({ binding, name }: SubscriptionConsumer, timing: Partial<HandlingTiming>): Promise<void> {
    const info = await this.machinery.api.info(binding.name, name);
    const { config } = info!;
    await this.machinery.api.update(binding.name, {
      ...config,
      ...(timing.ackWaitMs !== undefined && { ack_wait: nanos(timing.ackWaitMs) }),
      ...(timing.pinTimeoutMs !== undefined &&
        config.priority_policy === 'pinned_client' && { priority_timeout: nanos(timing.pinTimeoutMs) }),
    });
  }
}
