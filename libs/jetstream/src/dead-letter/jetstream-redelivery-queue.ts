import { StoreUnavailable } from '@annals/core';
import { AckPolicy, DeliverPolicy, type JetStreamManager } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { CommitSender } from '../append/commit-sender.ts';
import type { RequestChannel } from '../connection/request-channel.ts';
import { JETSTREAM_CODE } from '../error/jetstream-codes.ts';
import { unavailable } from '../error/unavailable.ts';
import { hasCode } from '../provision/provisioning-failure.ts';
import { redeliveryDurableName, redeliveryFilter } from '../subscribe/subscription-names.ts';
import { inParallel } from './in-parallel.ts';
import type { KeptStream } from './kept-stream.ts';
import { beforeNextTry, publishExpecting } from './publish-expecting.ts';
import type { Redelivery, RedeliveryQueue } from './redelivery.ts';
import { encodeRedelivery } from './redelivery-message.ts';
import { countSubjects } from './subject-count.ts';

export interface RedeliveryQueueParts {
  readonly channel: RequestChannel;
  readonly jsm: JetStreamManager;
  readonly queue: KeptStream;
  /** The store's: another one of the account may have a subscription of the same name. All unless given. */
  readonly streams?: readonly string[] | undefined;
}

/** Redeliveries in flight of one call. */
const PARALLEL = 256;
const TRY_MS = 2_000;
/** Whoever takes a redelivery tells the server that it still works on it before this is over. */
export const REDELIVERY_ACK_WAIT_MS = 30_000;
/** Redeliveries that all replicas of a subscription may have in hand. */
const MAX_ACK_PENDING = 10_000;

/** Redeliveries in a work queue: a message a redelivery, gone when its subscription has settled it. */
export class JetStreamRedeliveryQueue implements RedeliveryQueue {
  private readonly sender: CommitSender;

  constructor(private readonly parts: RedeliveryQueueParts) {
    this.sender = new CommitSender(parts.channel, Math.min(TRY_MS, parts.channel.defaultTimeoutMs));
  }

  async enqueue(redeliveries: readonly Redelivery[]): Promise<number> {
    return (await this.enqueueEach(redeliveries)).filter(Boolean).length;
  }

  async enqueueEach(redeliveries: readonly Redelivery[]): Promise<readonly boolean[]> {
    const outcomes: boolean[] = [];
    if (redeliveries.length === 0) return outcomes;
    await this.parts.queue.ensure();
    await inParallel(redeliveries, PARALLEL, async (redelivery, i) => {
      outcomes[i] = await this.put(redelivery);
    });
    return outcomes;
  }

  async waiting(subscription: string): Promise<number> {
    const { channel, queue, streams = [undefined] } = this.parts;
    if (!(await queue.exists())) return 0;
    const filters = streams.map((stream) => redeliveryFilter(subscription, stream));
    const counts = await Promise.all(filters.map((filter) => countSubjects(channel, queue.name, filter)));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  async ensureConsumer(subscription: string, stream: string): Promise<void> {
    const { jsm, queue } = this.parts;
    await queue.ensure();
    try {
      await jsm.consumers.add(queue.name, {
        durable_name: redeliveryDurableName(subscription, stream),
        description: `Annals: what ${subscription} gets again out of ${stream}`,
        filter_subject: redeliveryFilter(subscription, stream),
        deliver_policy: DeliverPolicy.All,
        ack_policy: AckPolicy.Explicit,
        ack_wait: nanos(REDELIVERY_ACK_WAIT_MS),
        // A limit would let a redelivery vanish whose handler dies.
        max_deliver: -1,
        max_ack_pending: MAX_ACK_PENDING,
      });
    } catch (error) {
      // It is there with settings of an operator's.
      if (!hasCode(error, JETSTREAM_CODE.consumerExists)) throw unavailable(error);
    }
  }

  /** @returns false when it waits already */
  private async put(redelivery: Redelivery): Promise<boolean> {
    const { channel, queue } = this.parts;
    const deadlineMs = Date.now() + channel.defaultTimeoutMs;
    const message = encodeRedelivery(redelivery);
    for (let mayBeOurs = false; ;) {
      const outcome = await publishExpecting(this.sender, queue, message);
      if (outcome.kind === 'landed') return true;
      if (outcome.kind === 'conflict' && outcome.isCertain) return mayBeOurs;
      if (outcome.kind === 'open') mayBeOurs = true;
      const cause = outcome.kind === 'open' ? outcome.cause : new StoreUnavailable('a redelivery is being replicated');
      await beforeNextTry(deadlineMs, cause);
    }
  }
}
