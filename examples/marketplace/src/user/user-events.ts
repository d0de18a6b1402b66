import type { DomainEvent } from '../aggregate/decision.ts';
import type { Location } from '../location/location.ts';

/** What a user tells about themselves. */
export interface UserProfile {
  readonly name: string;
  readonly email: string;
  readonly phone?: string;
}

/** Another system that acts for the user, or a vendor that the user runs. */
export interface Integration {
  readonly integrationId: string;
  readonly provider: string;
  readonly externalId: string;
  readonly scopes: readonly string[];
}

export type UserEvent =
  | DomainEvent<'user.created', UserProfile & { readonly userId: string; readonly clerkId?: string }>
  | DomainEvent<'user.updated', Partial<UserProfile>>
  | DomainEvent<'user.deleted', { readonly reason?: string }>
  | DomainEvent<'user.integration.created', Integration>
  | DomainEvent<'user.integration.deleted', { readonly integrationId: string; readonly provider: string }>
  | DomainEvent<'user.location.updated', Location>;
