import type { DomainEvent, DomainEventSubscriber } from '@annals/events';
import { Injectable } from '@nestjs/common';
import { Mailer } from '../mail/mailer.ts';
import type { UserProfile } from '../user/user-events.ts';

type UserCreated = DomainEvent<UserProfile & { readonly userId: string }>;

/** Welcomes new users by mail. */
@Injectable()
export class WelcomeMailSubscriber implements DomainEventSubscriber<UserCreated> {
  readonly subscribedTo = 'user.created';
  /** Who is there already when this is deployed first gets no mail. */
  readonly subscription = { from: 'now', backoffMs: [200, 2_000, 30_000, 600_000], maxDeliver: 8 } as const;

  constructor(private readonly mailer: Mailer) {}

  isSubscribedTo(event: DomainEvent): boolean {
    return event.eventType === 'user.created';
  }

  /** May come twice: the id lets the mailer tell. */
  async handle({ eventId, data }: UserCreated): Promise<void> {
    await this.mailer.send({ id: eventId, to: data.email, subject: `Welcome to the marketplace, ${data.name}` });
  }
}
