import { type DomainEventToPublish, ValidationError, type ValidationProblem } from '@annals/core';
import { type Moment, isoText } from '../read/replay-options.ts';
import type { EventToPublish, PublishAllOptions } from './event-to-publish.ts';

/** A domain event as subscribers get it, or as an aggregate of one's own makes it. */
export interface RaisedEvent<T = unknown> extends Omit<EventToPublish<T>, 'type' | 'messageId' | 'timestamp'> {
  readonly eventType: string;
  readonly eventId?: string | undefined;
  /** When it happened; now unless given. */
  readonly occurredAt?: Moment | undefined;
}

/** What `publish` and `publishAll` take: what an `AggregateRoot` raised, or events that name type, id and time otherwise. */
export type DomainEventLike = DomainEventToPublish | EventToPublish | RaisedEvent;

/** Where domain events go: a tenant, or the options of `publishEvents`. */
export type PublishTo = string | PublishAllOptions;

/** Domain events as `publishEvents` takes them. @throws ValidationError */
export function toEventsToPublish(events: readonly DomainEventLike[]): readonly EventToPublish[] {
  if (!Array.isArray(events)) throw new ValidationError([{ path: 'events', message: 'must be a list' }]);
  const problems: ValidationProblem[] = [];
  const published = (events as readonly DomainEventLike[]).map((event, i): EventToPublish => {
    // What is no event is refused with the others.
    if (typeof event !== 'object' || event === null || !('eventType' in event)) return event;
    const { eventType, eventId, occurredAt, ...same } = event;
    const timestamp = isoText(occurredAt, `events.${i}.occurredAt`, problems);
    return { ...same, type: eventType, messageId: eventId, timestamp };
  });
  if (problems.length > 0) throw new ValidationError(problems);
  return published;
}

export function publishAllOptions(to: PublishTo): PublishAllOptions {
  return typeof to === 'string' ? { tenantId: to } : to;
}
