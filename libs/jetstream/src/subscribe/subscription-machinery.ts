import type { Clock, Logger } from '@annals/core';
import type { Bucket } from '../bucket/bucket.ts';
import type { RequestChannel } from '../connection/request-channel.ts';
import { LeaderReader } from '../read/leader-reader.ts';
import type { Topology } from '../topology/topology.ts';
import { SubscriptionRemoval } from './admin/subscription-removal.ts';
import { Checkpoints } from './consumer/checkpoints.ts';
import { ConsumerApi } from './consumer/consumer-api.ts';
import { ConsumerPlacement } from './consumer/consumer-placement.ts';
import { JetStreamConsumerKeeper } from './consumer/jetstream-consumer-keeper.ts';
import { StartSequences } from './consumer/start-sequence.ts';
import { SubscriptionLock } from './consumer/subscription-lock.ts';
import { SubscriptionRecords } from './consumer/subscription-records.ts';

export interface SubscriptionMachineryOptions {
  readonly channel: RequestChannel;
  readonly topology: Topology;
  /** Of subscriptions. */
  readonly bucket: Bucket;
  /** As its keeper takes it. */
  readonly stuckMs?: number | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The parts that make, keep and remove what a subscription has on the server. */
export interface SubscriptionMachinery {
  readonly api: ConsumerApi;
  readonly records: SubscriptionRecords;
  readonly lock: SubscriptionLock;
  readonly leader: LeaderReader;
  readonly starts: StartSequences;
  readonly removal: SubscriptionRemoval;
  readonly keeper: JetStreamConsumerKeeper;
}

export function createSubscriptionMachinery(options: SubscriptionMachineryOptions): SubscriptionMachinery {
  const { channel, topology, bucket, stuckMs, clock, logger } = options;
  const store = topology.defaultBinding.name;
  const api = new ConsumerApi(channel);
  const leader = new LeaderReader(channel);
  const records = new SubscriptionRecords(bucket, store, logger);
  const checkpoints = new Checkpoints(channel, records, logger);
  const placement = new ConsumerPlacement({ api, channel, checkpoints, store, logger });
  const lock = new SubscriptionLock(bucket, store, 2 * channel.defaultTimeoutMs);
  const starts = new StartSequences(channel, leader, logger);
  const removal = new SubscriptionRemoval({ api, channel, records, topology });
  const finishRemoval = removal.finish.bind(removal);
  const keeper = new JetStreamConsumerKeeper({
    api,
    records,
    checkpoints,
    placement,
    starts,
    lock,
    topology,
    finishRemoval,
    purgeRedeliveries: removal.purgeRedeliveries.bind(removal),
    stuckMs,
    clock,
    logger,
  });
  return { api, records, lock, leader, starts, removal, keeper };
}
