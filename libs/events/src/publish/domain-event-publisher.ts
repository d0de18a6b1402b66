import type { AppendResult } from '@annals/core';
import type { DomainEventLike, PublishTo } from './domain-events.ts';

/** Publishes what aggregates raise. */
export interface DomainEventPublisher {
  /**
   * Publishes a domain event: what an `AggregateRoot` raised, or one that names `eventType`, `eventId` and `occurredAt`.
   *
   * @param to the tenant, or the options of `publishEvents`
   * @throws as `publishEvents`; ConcurrencyError when the aggregate's head is not the event's `expectedVersion`
   */
  publish(event: DomainEventLike, to?: PublishTo): Promise<AppendResult>;

  /**
   * Publishes domain events, all or nothing, in their order; none at all are published for an empty list.
   *
   * @param to the tenant, or the options of `publishEvents`
   * @throws as {@link publish}
   * @example
   * await events.publishAll(requirement.getDomainEvents(), tenantId);
   * requirement.clearDomainEvents();
   */
  publishAll(events: readonly DomainEventLike[], to?: PublishTo): Promise<AppendResult>;
}
