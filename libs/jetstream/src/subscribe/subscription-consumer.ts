import type { CheckedStart, SubscriptionDefinition } from '@annals/core';
import type { StreamBinding } from '../topology/stream-binding.ts';

/** A subscription's durable consumer in one stream. */
export interface SubscriptionConsumer {
  readonly binding: StreamBinding;
  /** Of the durable. */
  readonly name: string;
}

/** What the server tells of a consumer. */
export interface ConsumerState {
  /** Every wanted message up to this stream sequence is acknowledged. */
  readonly ackFloor: number;
  /** Stream sequence that was delivered last. */
  readonly delivered: number;
  readonly pending: number;
  readonly ackPending: number;
  readonly redelivered: number;
  readonly waiting: number;
  /**
   * Another one each time that the consumer is set to a place, as by a rewind, or is made anew: what was settled before may
   * be meant to come again. It stays over restarts and resets to the ack floor.
   */
  readonly placement: string;
  /** A replica of an ordered subscription is the active one. */
  readonly pinned: boolean;
  readonly paused: boolean;
  /** ISO 8601. */
  readonly lastDeliveredAt?: string;
  readonly lastAckedAt?: string;
}

/** Makes and keeps the durable consumers of subscriptions. */
export interface ConsumerKeeper {
  /**
   * Makes the consumers of a subscription in every stream that its filter concerns, or brings those that exist to the
   * definition. A start that died half-way is completed; a consumer that vanished is made anew at its checkpoint.
   *
   * @param from where a subscription begins that is new
   * @throws SubscriptionConflict, StoreUnavailable
   */
  ensure(definition: SubscriptionDefinition, from: CheckedStart): Promise<readonly SubscriptionConsumer[]>;

  /**
   * Makes a consumer that vanished anew at its checkpoint; harmless where it is there.
   *
   * @throws SubscriptionNotFound when the subscription was deleted through the port
   */
  restore(definition: SubscriptionDefinition, consumer: SubscriptionConsumer): Promise<void>;

  /**
   * The definition as any process declared it last. An event that comes and does not match one's own filter may be wanted
   * by this one: then it must not be settled here.
   *
   * @throws SubscriptionNotFound, StoreUnavailable
   */
  declared(subscription: string): Promise<SubscriptionDefinition>;

  /** @throws ConsumerRefused when it is not there, StoreUnavailable */
  state(consumer: SubscriptionConsumer): Promise<ConsumerState>;

  /** Lets the consumer deliver from its ack floor on again, in order. */
  resetToAckFloor(consumer: SubscriptionConsumer): Promise<void>;

  /**
   * Saves the consumer's ack floor for the case that it vanishes; costs one look where that has not moved. To be called now
   * and then also when nothing happens: it completes what a process left half-done that died while it set the consumer to
   * another place.
   */
  saveCheckpoint(subscription: string, consumer: SubscriptionConsumer): Promise<void>;
}
