import type { EventBody } from '../event/event-body.ts';

/** A page of events. */
export interface EventPage {
  readonly events: readonly EventBody[];
  /** Where the next page begins; null after the last one. */
  readonly nextCursor: string | null;
}

/** The answer to `GET` and `POST /events/replay`. */
export interface ReplayResponse extends EventPage {
  /** How many events match, on all pages together. */
  readonly totalEvents: number;
}

/** The answer to `GET /events/history`. */
export interface HistoryResponse extends ReplayResponse {
  /** As asked for; absent where the history is not that of one aggregate. */
  readonly aggregateId?: string;
  /** As asked for, or found where only one type has the id. */
  readonly aggregateType?: string;
  /** The oldest version still stored, where retention took older ones. */
  readonly retainedFromVersion?: number;
}

/** The answer to `GET /events/aggregate`. */
export interface AggregateResponse extends EventPage {
  readonly aggregateId: string;
  readonly aggregateType: string;
  /** The head's version, whatever part of the events was asked for. */
  readonly version: number;
  /** The oldest version still stored, where retention took older ones. */
  readonly retainedFromVersion?: number;
}
