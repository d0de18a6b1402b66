import type { HandlerContext } from '@annals/core';
import type { EventHandlerExtras } from '../subscribe/handler-options.ts';
import type { EventPatterns } from '../subscribe/subscribe-options.ts';
import type { DomainEvent } from './domain-event.ts';

/**
 * A provider that handles events. `EventsModule` finds it by its two methods, at the start, and makes it a durable
 * subscription named `<service>.<Class>`.
 *
 * @example
 * \@Injectable()
 * class ReleaseReadinessAchievedSubscriber implements DomainEventSubscriber<ReleaseReadinessAchieved> {
 *   readonly subscribedTo = 'ReleaseReadinessAchieved';
 *   isSubscribedTo(event: DomainEvent): boolean {
 *     return event.eventType === 'ReleaseReadinessAchieved';
 *   }
 *   async handle(event: ReleaseReadinessAchieved): Promise<void> { … }
 * }
 */
export interface DomainEventSubscriber<Event extends DomainEvent = DomainEvent> {
  /** Handles an event; what it throws makes the attempt fail. At least once, so it is idempotent. */
  handle(event: Event, context: HandlerContext): unknown;
  /** False: the event is passed over. What it throws makes the attempt fail. */
  isSubscribedTo(event: DomainEvent): boolean;
  /** Event types or patterns that the server selects before anything is sent; all events unless given. */
  readonly subscribedTo?: EventPatterns;
  /** Name, mode, attempts and the rest, as the extras of `@EventPattern`. */
  readonly subscription?: EventHandlerExtras;
}

/** True for whatever has the two methods. */
export function isDomainEventSubscriber(value: unknown): value is DomainEventSubscriber {
  if (typeof value !== 'object' || value === null) return false;
  const { handle, isSubscribedTo } = value as Partial<DomainEventSubscriber>;
  return typeof handle === 'function' && typeof isSubscribedTo === 'function';
}
