import { StoreUnavailable } from '@annals/core';
import { askRepeatedly } from '../../connection/ask-repeatedly.ts';
import type { RequestChannel } from '../../connection/request-channel.ts';
import { type ApiError, JETSTREAM_CODE } from '../../error/jetstream-codes.ts';
import type { Topology } from '../../topology/topology.ts';
import type { ConsumerApi } from '../consumer/consumer-api.ts';
import { belongsTo } from '../consumer/consumer-config.ts';
import type { HeldLock } from '../consumer/subscription-lock.ts';
import type { SubscriptionRecord } from '../consumer/subscription-record.ts';
import type { SubscriptionRecords } from '../consumer/subscription-records.ts';
import {
  REDELIVERY_STREAM,
  durableName,
  handlingKeys,
  redeliveryDurableName,
  redeliveryFilter,
} from '../subscription-names.ts';

export interface RemovalParts {
  readonly api: ConsumerApi;
  readonly channel: RequestChannel;
  readonly records: SubscriptionRecords;
  readonly topology: Topology;
}

/**
 * Removes all that a subscription has but its dead letters. Each step may be done twice; the record, which says that the
 * removal has begun, goes last, so that whoever comes next after a crash completes it.
 */
export class SubscriptionRemoval {
  constructor(private readonly parts: RemovalParts) {}

  /** @throws StoreUnavailable */
  async finish(lock: HeldLock, { definition, starts }: SubscriptionRecord): Promise<void> {
    const { api, records, topology } = this.parts;
    const { name } = definition;
    const streams = new Set([...topology.bindings.map((binding) => binding.name), ...Object.keys(starts)]);
    for (const stream of streams) {
      await lock.renew();
      await this.removeConsumer(stream, name);
      await api.remove(REDELIVERY_STREAM, redeliveryDurableName(name, stream));
      await this.purgeRedeliveries(name, stream);
      await records.removeCheckpoint(stream, name);
      for (const pattern of handlingKeys(stream, name)) {
        for (const key of await records.bucket.keys(pattern)) await records.bucket.remove(key);
      }
    }
    await lock.renew();
    await records.remove(name);
  }

  private async removeConsumer(stream: string, subscription: string): Promise<void> {
    const { api, records } = this.parts;
    const info = await api.info(stream, durableName(subscription));
    if (info && belongsTo(info.config, records.store, subscription)) await api.remove(stream, info.name);
  }

  /** Of one stream: another store of the account may have a subscription of that name. @throws StoreUnavailable */
  async purgeRedeliveries(subscription: string, stream: string): Promise<void> {
    const { channel } = this.parts;
    const body = JSON.stringify({ filter: redeliveryFilter(subscription, stream) });
    const reply = await askRepeatedly(channel.defaultTimeoutMs, (timeoutMs) =>
      channel.request(`$JS.API.STREAM.PURGE.${REDELIVERY_STREAM}`, body, { timeoutMs }),
    );
    const { error } = reply.json<{ error?: ApiError }>();
    if (!error || error.err_code === JETSTREAM_CODE.streamNotFound) return;
    throw new StoreUnavailable(`stream ${REDELIVERY_STREAM} answered ${error.err_code} (${error.description})`);
  }
}
