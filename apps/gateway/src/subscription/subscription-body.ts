import type { SubscriptionStatus } from '@annals/core';
import type { SubscriptionBody } from '@annals/contract';

/** A subscription as the gateway answers with it. Absent fields are undefined here and left out of the JSON. */
export function subscriptionBody(status: SubscriptionStatus): SubscriptionBody {
  const { tenantId, aggregateType, eventTypes } = status.filter;
  return {
    name: status.name,
    filter: { tenantId, aggregateType, eventTypes },
    mode: status.mode,
    maxDeliver: status.maxDeliver,
    backoffMs: status.backoffMs,
    onDeadLetter: status.onDeadLetter,
    state: status.state,
    createdAt: status.createdAt,
    pending: status.pending,
    ackPending: status.ackPending,
    redelivered: status.redelivered,
    redeliveries: status.redeliveries,
    deadLetters: status.deadLetters,
    parkedAggregates: status.parkedAggregates,
    waiting: status.waiting,
    lastDeliveredAt: status.lastDeliveredAt,
    lastSettledAt: status.lastSettledAt,
    streams: status.streams,
  } as SubscriptionBody;
}
