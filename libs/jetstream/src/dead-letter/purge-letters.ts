import type { DeadLetterKey } from '@annals/core';
import type { RequestChannel } from '../connection/request-channel.ts';
import { removeMessages } from '../retention/remove-messages.ts';
import type { DeadLetterParts } from './dead-letter-parts.ts';
import { type DefinitionOf, parksAggregates } from './redrive-letters.ts';

/** A letter that is to go. */
export interface PurgedLetter {
  readonly key: DeadLetterKey;
  readonly lane?: string | undefined;
  /** Where the letter itself is stored. */
  readonly sequence: number;
}

/** Aggregates that are remembered before they are looked at. */
const MAX_LANES = 10_000;

/** One purge: removes letters, and unparks the aggregates that have none left. */
export class Purge {
  private readonly lanes = new Map<string, { readonly key: DeadLetterKey; readonly lane: string }>();
  private readonly parks = new Map<string, boolean>();

  constructor(
    private readonly channel: RequestChannel,
    private readonly parts: Pick<DeadLetterParts, 'letters' | 'lanes' | 'redeliveries' | 'parked'>,
    private readonly definitionOf: DefinitionOf,
  ) {}

  /** Removes letters as they were read: one that came back since stays. @throws StoreUnavailable */
  async take(purged: readonly PurgedLetter[]): Promise<void> {
    const removal = { channel: this.channel, stream: this.parts.letters.name, erase: false };
    await removeMessages(
      removal,
      purged.map(({ sequence }) => [sequence]),
    );
    for (const { key, lane } of purged) {
      if (lane === undefined || !(await this.mayBeParked(key.subscription))) continue;
      this.lanes.set(JSON.stringify([key.subscription, key.stream, lane]), { key, lane });
      if (this.lanes.size >= MAX_LANES) await this.finish();
    }
  }

  /** @throws StoreUnavailable */
  async finish(): Promise<void> {
    for (const { key, lane } of this.lanes.values()) {
      if ((await this.lettersOf(key, lane)) === 0) await this.unpark(key, lane);
    }
    this.lanes.clear();
  }

  /**
   * The process that handles the subscription learns of it by a redelivery without letters, in the turn of the aggregate: it
   * is the one that knows what it has in hand. A letter that it posts meanwhile is handed over by that redelivery.
   */
  private async unpark(key: DeadLetterKey, lane: string): Promise<void> {
    const { redeliveries, parked } = this.parts;
    await redeliveries.enqueue([{ ...key, cause: 'redrive', lane }]);
    await parked.unpark(key.subscription, key.stream, lane);
    if ((await this.lettersOf(key, lane)) > 0) await parked.park(key.subscription, key.stream, lane);
  }

  private async lettersOf({ subscription, stream }: DeadLetterKey, lane: string): Promise<number> {
    return (await this.parts.lanes.of(subscription, stream, lane)).length;
  }

  private async mayBeParked(subscription: string): Promise<boolean> {
    let parks = this.parks.get(subscription);
    if (parks === undefined) {
      const definition = await this.definitionOf(subscription);
      parks = definition !== undefined && parksAggregates(definition);
      this.parks.set(subscription, parks);
    }
    return parks;
  }
}
