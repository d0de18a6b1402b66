import type { EventHandling, Lanes, RecordedEvent, SubscriptionDefinition } from '@annals/core';
import type { LeaderReader } from '../../read/leader-reader.ts';
import type { Acks } from './acks.ts';
import type { Caution } from './caution.ts';
import type { DeclaredFilter } from './declared-filter.ts';
import type { HandlingParts, HandlingTiming } from './handling-parts.ts';
import type { FailedAttempts } from './failed-attempts.ts';
import type { LastAttempts } from './last-attempts.ts';
import type { LetterPoster } from './letter-poster.ts';
import type { RunningCounts } from './running-counts.ts';

/** What all streams of a running subscription share. */
export interface RunningContext {
  readonly parts: HandlingParts;
  readonly timing: HandlingTiming;
  readonly definition: SubscriptionDefinition;
  /** True for an event that matches this process's own filter. */
  readonly wants: (event: RecordedEvent) => boolean;
  readonly concurrency: number;
  readonly handling: EventHandling;
  /** Whatever runs, runs here: the limit is that of the process. */
  readonly lanes: Lanes;
  readonly caution: Caution;
  readonly acks: Acks;
  readonly leader: LeaderReader;
  readonly poster: LetterPoster;
  readonly lastAttempts: LastAttempts;
  readonly failedAttempts: FailedAttempts;
  readonly declared: DeclaredFilter;
  readonly counts: RunningCounts;
  /** Aborted when nothing more may begin. */
  readonly stopping: AbortSignal;
  /** The subscription cannot go on. */
  fail(error: Error): void;
}

/** One source of events of a running subscription. */
export interface RunningStream {
  readonly state: 'active' | 'standby' | 'reconnecting';
  /** Events that are here and not settled. */
  readonly inHand: number;
  start(): void;
  /** Takes nothing more and gives back what was not begun. */
  close(): Promise<void>;
  /** When what ran has ended and its answers are sent. */
  leave(): Promise<void>;
}
