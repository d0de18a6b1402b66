import type { SubscriptionConsumer } from '../subscription-consumer.ts';
import type { RunningContext, RunningStream } from './running-context.ts';
import { OrderedStream } from './ordered-stream.ts';
import { SharedStream } from './shared-stream.ts';

/** What brings a subscription its events, in each of its streams. */
export function runningStreams(
  context: RunningContext,
  consumers: readonly SubscriptionConsumer[],
): readonly RunningStream[] {
  return consumers.map((consumer) =>
    context.definition.mode === 'ordered' ? new OrderedStream(context, consumer) : new SharedStream(context, consumer),
  );
}
