import { StoreUnavailable } from '@annals/core';
import { type Bucket, CONFLICT } from '../bucket/bucket.ts';
import { headerValue } from '../header/header-block.ts';
import { NATS_HEADER } from '../header/header-names.ts';
import type { StoredMessage } from '../read/stored-message.ts';
import { SUBSCRIPTION_BUCKET, parkedFilter, parkedKey } from '../subscribe/subscription-names.ts';
import type { KeptMessages } from './kept-messages.ts';
import type { ParkedAggregates } from './letter-box.ts';

/** The stream of a bucket, and what the subjects of its keys begin with (ADR-8). */
export const SUBSCRIPTION_BUCKET_STREAM = `KV_${SUBSCRIPTION_BUCKET}`;
const KEY_PREFIX = `$KV.${SUBSCRIPTION_BUCKET}.`;

/** Parked aggregates as keys of the bucket of subscriptions; the lane is the value. */
export class KvParkedAggregates implements ParkedAggregates {
  constructor(
    private readonly bucket: Bucket,
    /** Reads the stream of that bucket. */
    private readonly messages: KeptMessages,
    private readonly bucketExists: () => Promise<boolean>,
  ) {}

  async load(subscription: string, stream: string): Promise<ReadonlySet<string>> {
    const lanes = new Set<string>();
    if (!(await this.bucketExists())) return lanes;
    const filters = [`${KEY_PREFIX}${parkedFilter(stream, subscription)}`];
    // By the cursor, which asks the leader at the end: a lane that is missed would let later events overtake.
    const chunks = this.messages.read({ filters }, (message) => laneIn(message));
    for await (const chunk of chunks) for (const lane of chunk) lanes.add(lane);
    return lanes;
  }

  async park(subscription: string, stream: string, lane: string): Promise<void> {
    const key = parkedKey(stream, subscription, lane);
    // Whoever was faster has parked the same lane, unless it was unparked right after.
    if ((await this.bucket.put(key, lane, 0)) !== CONFLICT || (await this.bucket.get(key))) return;
    if ((await this.bucket.put(key, lane, 0)) === CONFLICT && !(await this.bucket.get(key))) {
      throw new StoreUnavailable(`an aggregate is parked and unparked at once by two replicas of ${subscription}`);
    }
  }

  unpark(subscription: string, stream: string, lane: string): Promise<void> {
    return this.bucket.remove(parkedKey(stream, subscription, lane));
  }
}

/** Undefined for the marker of a lane that was unparked. */
function laneIn({ headers, body }: StoredMessage): string | undefined {
  const isMarker = [NATS_HEADER.kvOperation, NATS_HEADER.markerReason].some((name) => headerValue(headers, name));
  return isMarker ? undefined : Buffer.from(body).toString('utf8');
}
