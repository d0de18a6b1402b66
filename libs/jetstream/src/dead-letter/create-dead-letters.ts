import type { Clock, DeadLetters, Logger } from '@annals/core';
import type { Bucket } from '../bucket/bucket.ts';
import type { RequestChannel } from '../connection/request-channel.ts';
import { SubscriptionRecords } from '../subscribe/consumer/subscription-records.ts';
import type { Topology } from '../topology/topology.ts';
import type { DeadLetterParts } from './dead-letter-parts.ts';
import { JetStreamDeadLetters } from './jetstream-dead-letters.ts';

export interface CreateDeadLettersOptions {
  readonly channel: RequestChannel;
  readonly topology: Topology;
  /** Of subscriptions. */
  readonly bucket: Bucket;
  readonly letters: DeadLetterParts;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Throws StoreClosed once the store is closed. */
  readonly checkOpen: () => void;
}

/** The port over dead letters, which knows a subscription by what the store keeps of it. */
export function createDeadLetters(options: CreateDeadLettersOptions): DeadLetters {
  const { channel, topology, bucket, letters, clock, logger, checkOpen } = options;
  const records = new SubscriptionRecords(bucket, topology.defaultBinding.name, logger);
  return new JetStreamDeadLetters({
    channel,
    topology,
    parts: letters,
    definitionOf: async (subscription) => {
      const { record } = await records.read(subscription);
      return record?.deleting ? undefined : record?.definition;
    },
    clock,
    checkOpen,
  });
}
