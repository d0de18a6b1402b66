import type { Clock, Logger } from '@annals/core';
import type { Bucket } from '../bucket/bucket.ts';
import type { LetterBox, ParkedAggregates } from '../dead-letter/letter-box.ts';
import type { RedeliveryQueue } from '../dead-letter/redelivery.ts';
import type { ReadDependencies } from '../read/aggregate-reader.ts';
import { EventCounter } from '../read/event-counter.ts';
import { StallWatch } from './admin/stall-watch.ts';
import { SubscriptionStatuses } from './admin/subscription-statuses.ts';
import { JetStreamSubscriptions } from './jetstream-subscriptions.ts';
import { createSubscriptionMachinery } from './subscription-machinery.ts';

export interface SubscriptionsOptions {
  readonly reading: ReadDependencies;
  /** Of subscriptions. */
  readonly bucket: Bucket;
  readonly letters: {
    readonly box: LetterBox;
    readonly parked: ParkedAggregates;
    readonly redeliveries: RedeliveryQueue;
  };
  /** Milliseconds without a settled event after which a subscription that has some to settle is stalled. */
  readonly stallMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Puts the port of subscriptions together; nothing is asked of the server before it is used. */
export function createSubscriptions(options: SubscriptionsOptions): JetStreamSubscriptions {
  const { reading, bucket, letters, stallMs, clock, logger } = options;
  const { channel, topology } = reading;
  const machinery = createSubscriptionMachinery({ channel, topology, bucket, clock, logger });
  const { api, records, leader, starts, keeper } = machinery;
  const { parked, redeliveries } = letters;
  const counter = new EventCounter(reading, leader);
  const stalls = new StallWatch(leader, stallMs);
  return new JetStreamSubscriptions({
    machinery,
    statuses: new SubscriptionStatuses({ api, channel, records, counter, topology, parked, redeliveries, stalls }),
    handling: { channel, keeper, letterBox: letters.box, parked, redeliveries, bucket, logger },
    api,
    counter,
    starts,
    topology,
    clock,
    logger,
  });
}
