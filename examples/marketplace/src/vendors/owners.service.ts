import { EventsService } from '@annals/events';
import { Injectable } from '@nestjs/common';
import { reject, type Rejection } from '../aggregate/decision.ts';
import { VENDOR_PROVIDER } from '../user/user-decisions.ts';

/** All that this service cares about in a user. */
interface Owner {
  readonly status: 'unknown' | 'present' | 'deleted';
  readonly vendorIds: readonly string[];
}

/**
 * The users behind the vendors. What users are is the users service's business: this one folds their events into the
 * little that it needs.
 */
@Injectable()
export class OwnersService {
  constructor(private readonly events: EventsService) {}

  /** Why this user cannot own a vendor, or undefined. */
  async refusal(ownerId: string): Promise<Rejection | undefined> {
    const { status } = await this.read(ownerId);
    if (status === 'present') return undefined;
    const detail = status === 'unknown' ? `There is no user ${ownerId}.` : `User ${ownerId} was deleted.`;
    return reject('conflict', 'owner-not-available', detail).rejection;
  }

  /** The vendors that the user runs. */
  async vendorIds(ownerId: string): Promise<readonly string[]> {
    return (await this.read(ownerId)).vendorIds;
  }

  private read(ownerId: string): Promise<Owner> {
    return this.events.reconstructState<Owner>(ownerId, 'user', { status: 'unknown', vendorIds: [] }, evolve);
  }
}

function evolve(owner: Owner, event: { readonly type: string; readonly data: unknown }): Owner {
  switch (event.type) {
    case 'user.created':
      return { ...owner, status: 'present' };
    case 'user.deleted':
      return { ...owner, status: 'deleted' };
    case 'user.integration.created': {
      const { integrationId, provider } = event.data as { integrationId: string; provider: string };
      return provider === VENDOR_PROVIDER ? { ...owner, vendorIds: [...owner.vendorIds, integrationId] } : owner;
    }
    case 'user.integration.deleted': {
      const { integrationId } = event.data as { integrationId: string };
      return { ...owner, vendorIds: owner.vendorIds.filter((id) => id !== integrationId) };
    }
    default:
      return owner;
  }
}
