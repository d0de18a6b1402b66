import { defineAggregate } from '@annals/events';
import type { Happened } from '../aggregate/aggregate.ts';
import type { Location } from '../location/location.ts';
import type { Integration, UserEvent, UserProfile } from './user-events.ts';

/** A user as its events tell. */
export interface User {
  readonly status: 'unknown' | 'active' | 'deleted';
  readonly profile: UserProfile | undefined;
  readonly clerkId: string | undefined;
  readonly location: Location | undefined;
  readonly integrations: Readonly<Record<string, Integration>>;
  readonly createdAt: string | undefined;
  readonly updatedAt: string | undefined;
}

export const userAggregate = defineAggregate<User, Happened<UserEvent>>({
  type: 'user',
  snapshots: { everyEvents: 100 },
  initialState: {
    status: 'unknown',
    profile: undefined,
    clerkId: undefined,
    location: undefined,
    integrations: {},
    createdAt: undefined,
    updatedAt: undefined,
  },
  evolve(user, event) {
    const updatedAt = event.timestamp;
    switch (event.type) {
      case 'user.created': {
        const { userId: _userId, clerkId, ...profile } = event.data;
        return { ...user, status: 'active', profile, clerkId, createdAt: event.timestamp, updatedAt };
      }
      case 'user.updated':
        return { ...user, profile: { ...(user.profile as UserProfile), ...event.data }, updatedAt };
      case 'user.deleted':
        return { ...user, status: 'deleted', updatedAt };
      case 'user.location.updated':
        return { ...user, location: event.data, updatedAt };
      case 'user.integration.created':
        return {
          ...user,
          integrations: { ...user.integrations, [event.data.integrationId]: event.data },
          updatedAt,
        };
      case 'user.integration.deleted': {
        const { [event.data.integrationId]: _gone, ...integrations } = user.integrations;
        return { ...user, integrations, updatedAt };
      }
      default:
        return user;
    }
  },
});
