import { accept, reject, type Decision } from '../aggregate/decision.ts';
import { isSameLocation, type Location } from '../location/location.ts';
import { changedFields } from '../aggregate/changed-fields.ts';
import type { Integration, UserEvent, UserProfile } from './user-events.ts';
import type { User } from './user.ts';

/** A user connects at most this many other systems. */
export const MAX_INTEGRATIONS = 50;

/** Provider of the integrations that are vendors of this marketplace. */
export const VENDOR_PROVIDER = 'marketplace-vendor';

type UserDecision = Decision<UserEvent>;

export function createUser(user: User, id: string, profile: UserProfile, clerkId?: string): UserDecision {
  if (user.status !== 'unknown') return reject('conflict', 'user-exists', `There is a user ${id} already.`);
  const data = { userId: id, ...(clerkId !== undefined && { clerkId }), ...profile };
  return accept({ type: 'user.created', data });
}

export function updateUser(user: User, id: string, changes: Partial<UserProfile>): UserDecision {
  return (
    absent(user, id) ?? {
      events: changedFields(user.profile, changes).map((data) => ({ type: 'user.updated', data })),
    }
  );
}

/** Deleting twice is the same as deleting once. */
export function deleteUser(user: User, id: string, reason?: string): UserDecision {
  if (user.status === 'deleted') return accept();
  return absent(user, id) ?? accept({ type: 'user.deleted', data: reason === undefined ? {} : { reason } });
}

export function moveUser(user: User, id: string, location: Location): UserDecision {
  const refused = absent(user, id);
  if (refused) return refused;
  if (isSameLocation(user.location, location)) return accept();
  return accept({ type: 'user.location.updated', data: location });
}

export function addIntegration(user: User, id: string, integration: Integration): UserDecision {
  const refused = absent(user, id);
  if (refused) return refused;
  const { integrationId, provider, externalId } = integration;
  const connected = Object.values(user.integrations);
  if (Object.hasOwn(user.integrations, integrationId)) {
    return reject('conflict', 'integration-exists', `User ${id} has an integration ${integrationId} already.`);
  }
  if (connected.some((other) => other.provider === provider && other.externalId === externalId)) {
    return reject('conflict', 'integration-exists', `User ${id} is connected to ${provider} as ${externalId} already.`);
  }
  if (connected.length >= MAX_INTEGRATIONS) {
    return reject('conflict', 'too-many-integrations', `User ${id} has ${MAX_INTEGRATIONS} integrations: remove one.`);
  }
  return accept({ type: 'user.integration.created', data: integration });
}

/** A vendor that a user runs is among the user's integrations. Recording it twice, or for a user who left, changes nothing. */
export function recordVendor(user: User, vendorId: string): UserDecision {
  if (user.status !== 'active' || Object.hasOwn(user.integrations, vendorId)) return accept();
  return accept({ type: 'user.integration.created', data: vendorIntegration(vendorId) });
}

/** How a vendor stands among its owner's integrations. */
export function vendorIntegration(vendorId: string): Integration {
  return { integrationId: vendorId, provider: VENDOR_PROVIDER, externalId: vendorId, scopes: ['manage'] };
}

/** Removing what is not there changes nothing. Also allowed after the user is deleted, so that others can tidy up. */
export function removeIntegration(user: User, id: string, integrationId: string): UserDecision {
  if (user.status === 'unknown') return absent(user, id)!;
  if (!Object.hasOwn(user.integrations, integrationId)) return accept();
  const { provider } = user.integrations[integrationId]!;
  return accept({ type: 'user.integration.deleted', data: { integrationId, provider } });
}

/** The rejection of whatever needs a living user, or undefined. */
export function absent(user: User, id: string): ReturnType<typeof reject> | undefined {
  if (user.status === 'unknown') return reject('not-found', 'user-not-found', `There is no user ${id}.`);
  if (user.status === 'deleted') return reject('gone', 'user-deleted', `User ${id} was deleted.`);
  return undefined;
}
