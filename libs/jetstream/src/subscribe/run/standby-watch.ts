import { setTimeout as pause } from 'node:timers/promises';
import { nuid } from '@nats-io/transport-node';
import { encodedHeaders } from '../../connection/encoded-headers.ts';
import { NATS_HEADER } from '../../header/header-names.ts';
import type { SubscriptionConsumer } from '../subscription-consumer.ts';
import { wakeSubject } from '../subscription-names.ts';
import type { HandlingParts, HandlingTiming } from './handling-parts.ts';

/** The message need not outlive the replicas that wait for it. */
const WAKE_TTL = '1m';

/**
 * Sees to it that one of the replicas is active although no event comes: what the one before had in hand would not be
 * delivered anew until its time is over, and what is redriven or replayed would wait for ever.
 */
export class StandbyWatch {
  private run: AbortController | undefined;

  constructor(
    private readonly parts: Pick<HandlingParts, 'channel' | 'keeper' | 'logger'>,
    private readonly consumer: SubscriptionConsumer,
    private readonly subscription: string,
    private readonly timing: HandlingTiming,
  ) {}

  start(): void {
    if (this.run) return;
    this.run = new AbortController();
    void this.watch(this.run.signal);
  }

  stop(): void {
    this.run?.abort();
    this.run = undefined;
  }

  private async watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.wakeOne(signal);
      } catch (error) {
        this.parts.logger.debug('a standby does not know whether somebody is active', { error });
      }
      // Not all at the same time.
      const waitMs = (this.timing.pinTimeoutMs / 2) * (0.75 + Math.random() / 2);
      await pause(waitMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  private async wakeOne(signal: AbortSignal): Promise<void> {
    const { pinned, paused, pending } = await this.parts.keeper.state(this.consumer);
    // Where something waits to be delivered, it does the same.
    if (pinned || paused || pending > 0 || signal.aborted) return;
    const headers = encodedHeaders(`NATS/1.0\r\n${NATS_HEADER.ttl}: ${WAKE_TTL}\r\n\r\n`);
    this.parts.channel.publish(
      wakeSubject(this.consumer.binding, this.subscription),
      Buffer.from(nuid.next()),
      headers,
    );
  }
}
