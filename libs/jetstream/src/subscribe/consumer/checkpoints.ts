import { type Logger, StoreUnavailable } from '@annals/core';
import type { RequestChannel } from '../../connection/request-channel.ts';
import { streamState } from '../../scan/stream-state.ts';
import type { StreamStart } from './subscription-record.ts';
import type { SubscriptionRecords } from './subscription-records.ts';

const ATTEMPTS = 10;

/** Keeps how far subscriptions are, for the case that their consumers vanish. All methods throw StoreUnavailable. */
export class Checkpoints {
  /** What this process wrote last, so that an unchanged place costs nothing. */
  private readonly saved = new Map<string, number>();

  constructor(
    private readonly channel: RequestChannel,
    private readonly records: SubscriptionRecords,
    private readonly logger: Logger,
  ) {}

  /** As {@link save}, for free as long as nothing moved. */
  async saveIfMoved(stream: string, subscription: string, look: () => Promise<number | undefined>): Promise<void> {
    const floor = await look();
    if (floor === undefined || this.saved.get(keyOf(stream, subscription)) === floor) return;
    await this.save(stream, subscription, look);
  }

  /**
   * Saves the place that `look` tells; undefined for none. It is asked behind every read of what is there, so that an older
   * place never replaces a newer one.
   */
  async save(stream: string, subscription: string, look: () => Promise<number | undefined>): Promise<void> {
    const { created } = await streamState(this.channel, stream);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const kept = await this.records.checkpoint(stream, subscription);
      const floor = await look();
      if (floor === undefined) return;
      const unchanged = kept.record?.floor === floor && kept.record.created === created;
      const checkpoint = { format: 1, floor, created } as const;
      if (unchanged || (await this.records.writeCheckpoint(stream, subscription, checkpoint, kept))) {
        this.saved.set(keyOf(stream, subscription), floor);
        return;
      }
    }
    throw new StoreUnavailable(`the checkpoint of subscription ${subscription} is being changed by too many processes`);
  }

  /**
   * The first sequence that a consumer has to deliver which is made anew: behind the checkpoint, or the start where there
   * is none; never one that skips new events.
   */
  async resumeAt(stream: string, subscription: string, start: StreamStart | undefined): Promise<number> {
    const { record: checkpoint } = await this.records.checkpoint(stream, subscription);
    const { created, lastSequence } = await streamState(this.channel, stream);
    const known = checkpoint?.created ?? start?.created;
    if (known !== undefined && known !== created) {
      this.warn(subscription, stream, 'was made anew: the subscription begins with its first event');
      return 1;
    }
    const sequence = checkpoint ? checkpoint.floor + 1 : (start?.sequence ?? 1);
    if (sequence <= lastSequence + 1) return sequence;
    this.warnOfEarlierState(subscription, stream, sequence - 1, lastSequence);
    return lastSequence + 1;
  }

  warnOfEarlierState(subscription: string, stream: string, floor: number, lastSequence: number): void {
    const what = `ends at ${lastSequence}, before the ${floor} to which the subscription is`;
    this.warn(subscription, stream, `${what}: it was brought back to an earlier state, and new events are handed over`);
  }

  private warn(subscription: string, stream: string, what: string): void {
    this.logger.warn(`subscription ${subscription}: stream ${stream} ${what}`, { subscription, stream });
  }
}

function keyOf(stream: string, subscription: string): string {
  return `${stream}/${subscription}`;
}
