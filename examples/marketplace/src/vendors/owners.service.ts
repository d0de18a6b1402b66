import { EventsService } from '@annals/events';
import { Injectable } from '@nestjs/common';
import { reject, type Rejection } from '../aggregate/decision.ts';
import type { CommandContext } from '../command/command-context.ts';
import { digest } from '../command/command-identity.ts';
import type { CommandAnswer } from '../http/answer.ts';
import { PeerClient } from '../peer/peer-client.ts';

/** All that this service cares about in a user. */
type Owner = 'unknown' | 'present' | 'deleted';

/**
 * The users behind the vendors. What users are is the users service's business: this one folds their events into the
 * little that it needs, and sends commands where something has to change.
 */
@Injectable()
export class OwnersService {
  constructor(
    private readonly events: EventsService,
    private readonly users: PeerClient,
  ) {}

  /** Why this user cannot own a vendor, or undefined. */
  async refusal(ownerId: string): Promise<Rejection | undefined> {
    const owner = await this.events.reconstructState<Owner>(ownerId, 'user', 'unknown', (state, { type }) =>
      type === 'user.created' ? 'present' : type === 'user.deleted' ? 'deleted' : state,
    );
    if (owner === 'present') return undefined;
    const detail = owner === 'unknown' ? `There is no user ${ownerId}.` : `User ${ownerId} was deleted.`;
    return reject('conflict', 'owner-not-available', detail).rejection;
  }

  /** Takes the vendor off its owner's integrations; changes nothing when it is not there. */
  async release(ownerId: string, vendorId: string, chain: Chain): Promise<void> {
    await this.users.command<CommandAnswer>({
      method: 'DELETE',
      path: `/users/${encodeURIComponent(ownerId)}/integrations/${encodeURIComponent(vendorId)}`,
      context: chain,
      idempotencyKey: digest('release', vendorId).slice(0, 32),
    });
  }
}

type Chain = Pick<CommandContext, 'correlationId' | 'causationId' | 'userId'>;
