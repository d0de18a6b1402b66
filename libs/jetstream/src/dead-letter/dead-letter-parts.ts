import type { Logger } from '@annals/core';
import type { JetStreamManager } from '@nats-io/jetstream';
import { Bucket } from '../bucket/bucket.ts';
import type { RequestChannel } from '../connection/request-channel.ts';
import type { ProvisioningMode } from '../provision/provision-streams.ts';
import { streamInfo } from '../provision/existing-streams.ts';
import { DirectReader } from '../read/direct-reader.ts';
import { LeaderReader } from '../read/leader-reader.ts';
import { DEAD_LETTER_STREAM, SUBSCRIPTION_BUCKET } from '../subscribe/subscription-names.ts';
import { unavailable } from '../error/unavailable.ts';
import type { Topology } from '../topology/topology.ts';
import { JetStreamLetterBox } from './jetstream-letter-box.ts';
import { JetStreamRedeliveryQueue } from './jetstream-redelivery-queue.ts';
import { KeptMessages } from './kept-messages.ts';
import { KeptStream } from './kept-stream.ts';
import { deadLetterStreamConfig, redeliveryStreamConfig } from './kept-stream-config.ts';
import { KvParkedAggregates, SUBSCRIPTION_BUCKET_STREAM } from './kv-parked-aggregates.ts';
import { LaneLetters } from './lane-letters.ts';

export interface DeadLetterPartsOptions {
  readonly jsm: JetStreamManager;
  readonly channel: RequestChannel;
  /** Whose redeliveries are counted; those of all stores in the account unless given. */
  readonly topology?: Topology | undefined;
  /** Copies of the streams and the bucket, as many as the event streams have. */
  readonly replicas: number;
  /** `'apply'` unless given. */
  readonly provisioning?: ProvisioningMode | undefined;
  readonly logger: Logger;
  /** The bucket of subscriptions; one of its own unless given. */
  readonly bucket?: Bucket | undefined;
}

/** What subscriptions and the port of dead letters work with; nothing is made before it is needed. */
export interface DeadLetterParts {
  readonly box: JetStreamLetterBox;
  readonly parked: KvParkedAggregates;
  readonly redeliveries: JetStreamRedeliveryQueue;
  readonly letters: KeptStream;
  readonly queue: KeptStream;
  readonly lanes: LaneLetters;
  readonly letterMessages: KeptMessages;
}

export function createDeadLetterParts(options: DeadLetterPartsOptions): DeadLetterParts {
  const { jsm, channel, topology, replicas, provisioning, logger } = options;
  const isReplicated = replicas > 1;
  const leader = new LeaderReader(channel);
  const direct = new DirectReader(channel);
  const provision = { jsm, provisioning, logger };
  const letters = new KeptStream(deadLetterStreamConfig(replicas), provision);
  const queue = new KeptStream(redeliveryStreamConfig(replicas), provision);
  const letterMessages = new KeptMessages({ channel, leader, stream: DEAD_LETTER_STREAM, isReplicated });
  const lanes = new LaneLetters({ direct, leader, letters, messages: letterMessages, isReplicated });
  const bucket =
    options.bucket ?? new Bucket(channel.nc, SUBSCRIPTION_BUCKET, { replicas, description: 'Annals: subscriptions' });
  const bucketMessages = new KeptMessages({ channel, leader, stream: SUBSCRIPTION_BUCKET_STREAM, isReplicated });
  let bucketSeen = false;
  const bucketExists = async (): Promise<boolean> => {
    bucketSeen ||= await streamInfo(jsm, SUBSCRIPTION_BUCKET_STREAM).then(
      (info) => info !== undefined,
      (error: unknown) => {
        throw unavailable(error);
      },
    );
    return bucketSeen;
  };
  return {
    box: new JetStreamLetterBox({ channel, leader, letters, lanes }),
    parked: new KvParkedAggregates(bucket, bucketMessages, bucketExists),
    redeliveries: new JetStreamRedeliveryQueue({
      channel,
      jsm,
      queue,
      streams: topology?.bindings.map(({ name }) => name),
    }),
    letters,
    queue,
    lanes,
    letterMessages,
  };
}
