import type { ActiveSubscription, EventHandler, SubscriptionDefinition } from '@annals/core';
import type { SubscriptionConsumer } from '../subscription-consumer.ts';
import type { HandlingParts } from './handling-parts.ts';
import { type CheckedHandling, RunningSubscription } from './running-subscription.ts';

/**
 * Begins to handle a subscription's events in this process. Never waits for the server: a subscription whose server is away
 * begins when it is back.
 *
 * @param consumers of the subscription, as its keeper made them
 */
export function startHandling(
  parts: HandlingParts,
  definition: SubscriptionDefinition,
  consumers: readonly SubscriptionConsumer[],
  handling: CheckedHandling,
  handler: EventHandler,
): ActiveSubscription {
  const running = new RunningSubscription(parts, definition, consumers, handling, handler);
  running.start();
  return running;
}
