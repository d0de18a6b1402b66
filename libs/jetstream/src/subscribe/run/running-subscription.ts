import { setTimeout as pause } from 'node:timers/promises';
import {
  type ActiveSubscription,
  EventHandling,
  type EventHandler,
  type HandlingCounts,
  Lanes,
  type SubscriptionDefinition,
  matchesFilter,
} from '@annals/core';
import { LeaderReader } from '../../read/leader-reader.ts';
import type { SubscriptionConsumer } from '../subscription-consumer.ts';
import { Acks } from './acks.ts';
import { Caution } from './caution.ts';
import { DeclaredFilter } from './declared-filter.ts';
import { HANDLING_TIMING, type HandlingParts } from './handling-parts.ts';
import { FailedAttempts } from './failed-attempts.ts';
import { LastAttempts } from './last-attempts.ts';
import { LetterPoster } from './letter-poster.ts';
import { RunningCounts } from './running-counts.ts';
import type { RunningContext, RunningStream } from './running-context.ts';
import { runningStreams } from './running-streams.ts';
import { within } from './within.ts';

/** How a process handles events, with its defaults filled in. */
export interface CheckedHandling {
  readonly concurrency: number;
  readonly handlerTimeoutMs: number;
}

const STOP_TIMEOUT_MS = 10_000;
/** To save how far it came: a checkpoint is for an emergency only. */
const LEAVE_MS = 3_000;

/** A handler at work in this process, over all streams of its subscription. */
export class RunningSubscription implements ActiveSubscription {
  readonly finished: Promise<void>;
  private readonly context: RunningContext;
  private readonly streams: readonly RunningStream[];
  private readonly stopper = new AbortController();
  private stopped: Promise<void> | undefined;
  private isOver = false;
  private failure: Error | undefined;
  private finish!: () => void;
  private reject!: (error: Error) => void;

  constructor(
    parts: HandlingParts,
    definition: SubscriptionDefinition,
    consumers: readonly SubscriptionConsumer[],
    handling: CheckedHandling,
    handler: EventHandler,
  ) {
    this.finished = new Promise((resolve, reject) => {
      this.finish = resolve;
      this.reject = reject;
    });
    // Who does not look at it need not die of it.
    this.finished.catch(() => undefined);
    const timing = { ...HANDLING_TIMING, ...parts.timing };
    const leader = new LeaderReader(parts.channel);
    const stopping = this.stopper.signal;
    const lanes = new Lanes(handling.concurrency);
    const everything = Object.values(definition.filter).every((value) => value === undefined);
    this.context = {
      parts,
      timing,
      definition,
      wants: everything ? () => true : (event) => matchesFilter(event, definition.filter),
      concurrency: handling.concurrency,
      handling: new EventHandling(definition, handler, handling.handlerTimeoutMs, (error) => this.fail(error)),
      lanes,
      caution: new Caution(lanes, handling.concurrency),
      acks: new Acks(parts.channel.nc, parts.logger),
      leader,
      poster: new LetterPoster(parts.letterBox, leader, timing.retryMs, stopping, parts.logger),
      lastAttempts: new LastAttempts(parts.bucket),
      failedAttempts: new FailedAttempts(parts.bucket),
      declared: new DeclaredFilter(parts.keeper, definition.name),
      counts: new RunningCounts(),
      stopping,
      fail: (error) => this.fail(error),
    };
    this.streams = runningStreams(this.context, consumers);
  }

  get name(): string {
    return this.context.definition.name;
  }

  get state(): ActiveSubscription['state'] {
    if (this.isOver || this.stopped) return 'stopped';
    const states = this.streams.map(({ state }) => state);
    if (states.includes('reconnecting')) return 'reconnecting';
    return states.length > 0 && states.every((state) => state === 'standby') ? 'standby' : 'active';
  }

  get counts(): HandlingCounts {
    const { handled, retried, deadLettered } = this.context.counts;
    return { handled, retried, deadLettered, inHand: this.streams.reduce((sum, { inHand }) => sum + inHand, 0) };
  }

  start(): void {
    for (const stream of this.streams) stream.start();
  }

  stop({ timeoutMs = STOP_TIMEOUT_MS }: { readonly timeoutMs?: number } = {}): Promise<void> {
    this.stopped ??= this.end(timeoutMs);
    return this.stopped;
  }

  private async end(timeoutMs: number): Promise<void> {
    const { lanes, handling, acks, definition } = this.context;
    this.stopper.abort(new Error(`subscription ${definition.name} is stopped`));
    const ended = new AbortController();
    await Promise.all(this.streams.map((stream) => stream.close()));
    void pause(timeoutMs, undefined, { signal: ended.signal }).then(
      () =>
        handling.abandon(new Error(`subscription ${definition.name} was stopped, and did not wait for the handler`)),
      () => undefined,
    );
    await lanes.idle();
    ended.abort();
    await acks.flush();
    await within(LEAVE_MS, Promise.all(this.streams.map((stream) => stream.leave())));
    this.isOver = true;
    if (this.failure) this.reject(this.failure);
    else this.finish();
  }

  /** What runs is finished all the same. */
  private fail(error: Error): void {
    const { definition, parts } = this.context;
    if (this.failure || this.stopped) return;
    this.failure = error;
    parts.logger.error(`subscription ${definition.name} cannot go on in this process`, { error });
    void this.stop();
  }
}
