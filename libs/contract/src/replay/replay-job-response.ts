import type { EventBody, PositionBody } from '../event/event-body.ts';
import type { EventCriteria } from '../read/list-query.ts';
import type { ReplayStateBody, ReplayTargetBody } from './replay-job-request.ts';

/** An event that the target did not take. */
export interface ReplayFailureBody {
  readonly position: PositionBody;
  readonly messageId?: string;
  /** Of the subscription, where the target is all of them. */
  readonly subscription?: string;
  readonly reason: string;
}

/** Which events a job is about, as it was asked for. */
export interface ReplayFilterBody extends EventCriteria {
  readonly correlationId?: string;
  readonly after?: readonly PositionBody[];
}

/** A replay and how far it is. */
export interface ReplayJobBody {
  /** `metadata.replayId` of the events that it hands over. */
  readonly id: string;
  readonly state: ReplayStateBody;
  /** True until it is completed, cancelled or failed. */
  readonly inProgress: boolean;
  /** The event types of the filter, joined by commas; `>` for all. */
  readonly pattern: string;
  /** The same as `total`. */
  readonly eventCount: number;
  /** The same as `delivered`. */
  readonly successCount: number;
  /** The same as `failed`. */
  readonly failureCount: number;
  /** Without `tenantId`: of all tenants. */
  readonly filter: ReplayFilterBody;
  readonly target: ReplayTargetBody;
  readonly ratePerSecond?: number;
  readonly dryRun: boolean;
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  /** When the progress was saved last. */
  readonly updatedAt: string;
  /** Events that it is about: those stored when it was created. */
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
  readonly checkpoint: readonly PositionBody[];
  readonly lastError?: string;
  /** The first failures, at most 100. */
  readonly failures: readonly ReplayFailureBody[];
  /** By subscription, where the target is all of them. */
  readonly results?: readonly {
    readonly subscription: string;
    readonly delivered: number;
    readonly failed: number;
  }[];
  /** Of a dry run: the first events that would be handed over, at most 10. */
  readonly sample?: readonly EventBody[];
  /** Where the file is, and how long. */
  readonly file?: { readonly path: string; readonly bytes: number };
}

/** The answer to `GET /events/replays`: newest first. */
export interface ReplaysResponse {
  readonly replays: readonly ReplayJobBody[];
  /** Where the next page begins; null after the last one. */
  readonly nextCursor: string | null;
}
