import type { SubscriptionFilter } from '@annals/core';
import type { StreamBinding } from '../../topology/stream-binding.ts';
import type { Topology } from '../../topology/topology.ts';

/** The streams in which there may be events of the filter: an aggregate type lives in one. */
export function concernedStreams(topology: Topology, { aggregateType }: SubscriptionFilter): readonly StreamBinding[] {
  return aggregateType === undefined ? topology.bindings : [topology.bindingOf(aggregateType)];
}
