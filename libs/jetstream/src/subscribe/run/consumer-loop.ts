import { PRIORITY_GROUP } from '../consumer/consumer-config.ts';
import type { SubscriptionConsumer } from '../subscription-consumer.ts';
import { PullLoop, type PullOwner } from './pull-loop.ts';
import type { RunningContext } from './running-context.ts';

/** Pulls what a subscription's consumer in one stream has, and makes it anew should it vanish. */
export function consumerLoop(
  { parts, timing, definition }: RunningContext,
  consumer: SubscriptionConsumer,
  owner: PullOwner,
): PullLoop {
  const options = {
    stream: consumer.binding.name,
    consumer: consumer.name,
    group: definition.mode === 'ordered' ? PRIORITY_GROUP : undefined,
    restore: () => parts.keeper.restore(definition, consumer),
    retryMs: timing.retryMs,
    logger: parts.logger,
  };
  return new PullLoop(parts.channel, options, owner);
}
