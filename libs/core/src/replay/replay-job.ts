import type { RecordedEvent } from '../event/event-message.ts';
import type { ReplayFilter, ReplayTarget } from './replay-request.ts';

/**
 * - `'pending'`: no process drives it yet, or its events are being counted;
 * - `'running'`, `'paused'`;
 * - `'completed'`: every event was handed over or failed for good;
 * - `'cancelled'`: by request;
 * - `'failed'`: it cannot go on; `lastError` says why.
 */
export type ReplayState = 'pending' | 'running' | 'paused' | 'completed' | 'cancelled' | 'failed';

/** An event that the target did not take. */
export interface ReplayFailure {
  readonly position: { readonly stream: string; readonly sequence: number };
  readonly messageId?: string;
  /** Of the subscription, where the target is all of them. */
  readonly subscription?: string;
  readonly reason: string;
}

/** What became of one subscription's events, where the target is all of them. */
export interface ReplayResult {
  readonly subscription: string;
  readonly delivered: number;
  readonly failed: number;
}

/** A replay and how far it is. */
export interface ReplayJob {
  /** ULID; `metadata.replayId` of the events that it hands over. */
  readonly id: string;
  readonly state: ReplayState;
  readonly filter: ReplayFilter;
  readonly target: ReplayTarget;
  readonly ratePerSecond?: number;
  readonly dryRun: boolean;
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  /** When the progress was saved last. */
  readonly updatedAt: string;
  /** Events that it is about: those stored when it was created. 0 until its first driver has counted them. */
  readonly total: number;
  /** Handed over: taken by the target, or waiting durably for a subscription. */
  readonly delivered: number;
  /** Refused by the target for good, after retries. */
  readonly failed: number;
  /** Events a second over the last moments; 0 unless it runs. */
  readonly rate: number;
  /** Milliseconds that the rest takes at this rate; absent when it is not known. */
  readonly etaMs?: number;
  /** By stream: every matching event up to this sequence is done. */
  readonly checkpoint: readonly { readonly stream: string; readonly sequence: number }[];
  readonly lastError?: string;
  /** The first failures, at most 100. */
  readonly failures: readonly ReplayFailure[];
  /** For `all-subscriptions`. */
  readonly results?: readonly ReplayResult[];
  /** For a dry run: the first events that would be handed over, at most 10. */
  readonly sample?: readonly RecordedEvent[];
  /** For a file: where it is, and how long. */
  readonly file?: { readonly path: string; readonly bytes: number };
}
