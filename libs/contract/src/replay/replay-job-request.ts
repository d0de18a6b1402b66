import type { PositionBody } from '../event/event-body.ts';
import type { EventCriteria } from '../read/list-query.ts';

/** Where a replay hands its events over. */
export type ReplayTargetBody =
  /** One subscription: its handlers get the events again, beside what is new to it. */
  | { readonly subscription: string }
  /** Every subscription whose filter matches an event. */
  | { readonly subscriptions: 'all' }
  /** Messages on a subject of NATS, outside of the store's own. */
  | { readonly subject: string }
  /** A POST of each event to this address. */
  | { readonly webhook: string }
  /** Lines of JSON in a file of this name, in the gateway's directory for replays. */
  | { readonly file: string };

/** The body of `POST /events/replay` that starts a job. */
export interface ReplayJobRequest extends EventCriteria {
  /** Another name of `aggregateId`. */
  readonly streamId?: string;
  /** Events of one chain. */
  readonly correlationId?: string;
  /** Begin behind these positions, one per stream. */
  readonly after?: PositionBody | readonly PositionBody[];
  /** Events of every tenant, instead of `tenantId`. */
  readonly allTenants?: boolean;
  /** `{ "url": … }` is taken for a webhook too. */
  readonly target: ReplayTargetBody | { readonly url: string };
  /** At most so many events a second, from 0.01; as fast as the target takes them unless given. */
  readonly ratePerSecond?: number;
  /** Counts what would be handed over and shows a few, hands over nothing. */
  readonly dryRun?: boolean;
}

/**
 * `pending`: nobody drives it yet. `running`, `paused`. `completed`: every event was handed over or failed for good.
 * `cancelled`: by request. `failed`: it cannot go on, `lastError` says why.
 */
export type ReplayStateBody = 'pending' | 'running' | 'paused' | 'completed' | 'cancelled' | 'failed';

/** The query of `GET /events/replays`. */
export interface ReplaysQuery {
  /** In any of these states; all unless given. */
  readonly state?: ReplayStateBody | readonly ReplayStateBody[];
  /** 1 to 1,000; 100 unless given. */
  readonly limit?: number;
  /** `nextCursor` of the page before, with the same states. */
  readonly cursor?: string;
}
