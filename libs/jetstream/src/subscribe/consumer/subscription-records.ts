import { type Logger, StoreUnavailable } from '@annals/core';
import { type Bucket, CONFLICT } from '../../bucket/bucket.ts';
import {
  SUBSCRIPTION_BUCKET,
  checkpointKey,
  definitionFilter,
  definitionKey,
  subscriptionOfKey,
} from '../subscription-names.ts';
import {
  type CheckpointRecord,
  type SubscriptionRecord,
  decodeCheckpoint,
  decodeSubscription,
  encodeRecord,
} from './subscription-record.ts';

/** A record with the revision that a change of it must name; revision 0 when there is none. */
export interface Kept<Record> {
  readonly revision: number;
  readonly record: Record | undefined;
}

/** Keeps what is known of the subscriptions of one store. All methods throw StoreUnavailable. */
export class SubscriptionRecords {
  constructor(
    readonly bucket: Bucket,
    /** Name of the default stream. */
    readonly store: string,
    private readonly logger: Logger,
  ) {}

  /** The names of all subscriptions, sorted. */
  async names(): Promise<readonly string[]> {
    const keys = await this.bucket.keys(definitionFilter(this.store));
    const names = keys.map((key) => subscriptionOfKey(this.store, key));
    return names.filter((name) => name !== undefined).sort();
  }

  async read(subscription: string): Promise<Kept<SubscriptionRecord>> {
    const key = definitionKey(this.store, subscription);
    const entry = await this.bucket.get(key);
    if (!entry) return { revision: 0, record: undefined };
    const record = decodeSubscription(entry.value);
    // To begin anew would lose its place in silence.
    if (!record) throw new StoreUnavailable(`the entry ${key} of bucket ${SUBSCRIPTION_BUCKET} cannot be read`);
    return { revision: entry.revision, record };
  }

  /** Replaces what was read; undefined when somebody else did. */
  async write(
    record: SubscriptionRecord,
    previous: Kept<SubscriptionRecord>,
  ): Promise<Kept<SubscriptionRecord> | undefined> {
    const key = definitionKey(this.store, record.definition.name);
    const revision = await this.bucket.put(key, encodeRecord(record), previous.revision);
    return revision === CONFLICT ? undefined : { revision, record };
  }

  async remove(subscription: string): Promise<void> {
    await this.bucket.remove(definitionKey(this.store, subscription));
  }

  async checkpoint(stream: string, subscription: string): Promise<Kept<CheckpointRecord>> {
    const key = checkpointKey(stream, subscription);
    const entry = await this.bucket.get(key);
    if (!entry) return { revision: 0, record: undefined };
    const record = decodeCheckpoint(entry.value);
    if (!record) this.logger.warn(`the checkpoint ${key} cannot be read: the subscription begins anew if it must`);
    return { revision: entry.revision, record };
  }

  /** Replaces what was read; undefined when somebody else did. */
  async writeCheckpoint(
    stream: string,
    subscription: string,
    record: CheckpointRecord,
    previous: Kept<CheckpointRecord>,
  ): Promise<Kept<CheckpointRecord> | undefined> {
    const key = checkpointKey(stream, subscription);
    const revision = await this.bucket.put(key, encodeRecord(record), previous.revision);
    return revision === CONFLICT ? undefined : { revision, record };
  }

  async removeCheckpoint(stream: string, subscription: string): Promise<void> {
    await this.bucket.remove(checkpointKey(stream, subscription));
  }
}
