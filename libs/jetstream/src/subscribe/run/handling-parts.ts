import type { Logger } from '@annals/core';
import type { Bucket } from '../../bucket/bucket.ts';
import type { RequestChannel } from '../../connection/request-channel.ts';
import type { LetterBox, ParkedAggregates } from '../../dead-letter/letter-box.ts';
import type { RedeliveryQueue } from '../../dead-letter/redelivery.ts';
import { ACK_WAIT_MS, PIN_TIMEOUT_MS } from '../consumer/consumer-config.ts';
import type { ConsumerKeeper } from '../subscription-consumer.ts';

/** What running subscriptions work with. */
export interface HandlingParts {
  readonly channel: RequestChannel;
  readonly keeper: ConsumerKeeper;
  readonly letterBox: LetterBox;
  readonly parked: ParkedAggregates;
  readonly redeliveries: RedeliveryQueue;
  /** Of subscriptions. */
  readonly bucket: Bucket;
  readonly logger: Logger;
  /** For consumers that are set up otherwise. */
  readonly timing?: Partial<HandlingTiming> | undefined;
}

/** Times in milliseconds. */
export interface HandlingTiming {
  /** After which the server delivers what was neither settled nor extended to somebody else. */
  readonly ackWaitMs: number;
  /** After which the server gives the place of an active replica that asked for nothing to another. */
  readonly pinTimeoutMs: number;
  /** Between two saves of how far the subscription is. */
  readonly checkpointMs: number;
  /** Until something that the server did not do is tried again. */
  readonly retryMs: number;
}

export const HANDLING_TIMING: HandlingTiming = {
  ackWaitMs: ACK_WAIT_MS,
  pinTimeoutMs: PIN_TIMEOUT_MS,
  checkpointMs: 5_000,
  retryMs: 500,
};
