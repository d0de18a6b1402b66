import {
  type Clock,
  type EventRegistry,
  type Logger,
  type MessageIdSource,
  type ReplayJobs,
  type ReplaySinks,
} from '@annals/core';
import { Bucket } from '../bucket/bucket.ts';
import type { ReadDependencies } from '../read/aggregate-reader.ts';
import { JetStreamReplayJobs } from './jetstream-replay-jobs.ts';
import { ReplayDriver } from './replay-driver.ts';
import { REPLAY_BUCKET } from './replay-names.ts';
import { ReplayReading } from './replay-reading.ts';
import { ReplayRecords } from './replay-records.ts';
import { ReplayTargets } from './replay-targets.ts';
import type { SubscriptionTargets } from './subscription-sink.ts';

/** What a process does for replays beside starting and steering them. */
export interface ReplayOptions {
  /**
   * True: this process drives replays, those of all processes that no other one drives. False unless given: a service that
   * only starts them needs another process that drives, such as the gateway.
   */
  readonly drive?: boolean | undefined;
  /** Targets outside of NATS that this process can reach; a replay to another is refused here. */
  readonly sinks?: ReplaySinks | undefined;
  /**
   * Brings events to what they are today before they are handed over, which nothing is until it is sealed; the store's
   * registry unless given.
   */
  readonly registry?: EventRegistry | undefined;
}

export interface ReplayParts {
  readonly reading: ReadDependencies;
  readonly subscriptions: SubscriptionTargets;
  readonly options: ReplayOptions;
  readonly registry: EventRegistry | undefined;
  /** Copies of the bucket. */
  readonly replicas: number;
  readonly newId: MessageIdSource;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly checkOpen: () => void;
}

/** The port, and the driver where this process drives. */
export function createReplays(parts: ReplayParts): { readonly jobs: ReplayJobs; close(): Promise<void> } {
  const { reading, subscriptions, options, registry, replicas, newId, clock, logger, checkOpen } = parts;
  const { channel, topology } = reading;
  const bucket = new Bucket(channel.nc, REPLAY_BUCKET, { replicas, description: 'Annals: replays' });
  const records = new ReplayRecords(bucket, topology.defaultBinding.name);
  const targets = new ReplayTargets({ channel, topology, sinks: options.sinks ?? {}, subscriptions, registry });
  const driver = options.drive
    ? new ReplayDriver({ records, targets, reading: new ReplayReading(reading), clock, logger })
    : undefined;
  driver?.start();
  const jobs = new JetStreamReplayJobs({ channel, topology, records, targets, driver, newId, clock, checkOpen });
  return { jobs, close: async () => driver?.close() };
}
