import type { EventStore, ProjectionStatus, ReplayJob, ReplayPage, SubscriptionStatus } from '@annals/core';
import { inTime } from '../http/deadline.ts';

/** Scrapers ask every few seconds, several of them side by side; what they are told may be this old. */
const KEPT_MS = 10_000;
/** A scrape waits this long at most for what is new, then is told what was known before. */
const WAIT_MS = 2_000;
/** Replays that are looked at, the newest. */
const MAX_REPLAYS = 1_000;

/** What operators watch; what the store never told is absent. */
export interface OperationsSnapshot {
  readonly subscriptions?: readonly SubscriptionStatus[];
  /** Of all subscriptions, those that were deleted included. */
  readonly deadLetters?: number;
  readonly projections?: readonly ProjectionStatus[];
  readonly replays?: Readonly<Partial<Record<ReplayJob['state'], number>>>;
}

/** Asks the store about subscriptions, dead letters, projections and replays, not more often than is good for it. */
export class OperationsWatch {
  #latest: OperationsSnapshot = {};
  #askedAt = -Infinity;
  #asking: Promise<void> | undefined;

  /** @param store throws while there is none */
  constructor(
    private readonly store: () => EventStore,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** What is known, a moment old at most where the store answers. Never throws. */
  async snapshot(): Promise<OperationsSnapshot> {
    if (this.now() - this.#askedAt >= KEPT_MS) {
      this.#asking ??= this.#ask().finally(() => (this.#asking = undefined));
      await inTime(WAIT_MS, this.#asking).catch(() => undefined);
    }
    return this.#latest;
  }

  async #ask(): Promise<void> {
    const [subscriptions, deadLetters, projections, replays] = await Promise.all([
      attempt(async () => this.store().subscriptions.list()),
      attempt(async () => this.store().deadLetters.count()),
      attempt(async () => this.store().projections.list()),
      attempt(async () => countStates(await this.store().replays.list({ limit: MAX_REPLAYS }))),
    ]);
    this.#askedAt = this.now();
    this.#latest = {
      ...this.#latest,
      ...(subscriptions && { subscriptions }),
      ...(deadLetters !== undefined && { deadLetters }),
      ...(projections && { projections }),
      ...(replays && { replays }),
    };
  }
}

function countStates({ jobs }: ReplayPage): Partial<Record<ReplayJob['state'], number>> {
  const states: Partial<Record<ReplayJob['state'], number>> = {};
  for (const { state } of jobs) states[state] = (states[state] ?? 0) + 1;
  return states;
}

async function attempt<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await work();
  } catch {
    return undefined;
  }
}
