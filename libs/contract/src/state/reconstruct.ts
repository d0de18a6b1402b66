import type { EventPage } from '../read/list-response.ts';

/** The body of `POST /events/streams/:id/reconstruct`; all of it optional, and so is the body. */
export interface ReconstructRequest {
  /** Fold up to this version; the head unless given. */
  readonly toVersion?: number;
  /** Fold what had happened by then (the events' own times). */
  readonly asOf?: string;
  /** Fold what is still stored where retention took the oldest events; `history-incomplete` otherwise. */
  readonly allowIncomplete?: boolean;
  /** 1 to 1,000 of the folded events are listed; 100 unless given. The state is of all of them. */
  readonly limit?: number;
  /** `nextCursor` of the page before, with the same `toVersion` and `asOf`. */
  readonly cursor?: string;
}

/** The query of `POST /events/streams/:id/reconstruct`. */
export interface ReconstructQuery {
  /** The aggregate type; needed where aggregates of several types have the id. */
  readonly type?: string;
  /** `"default"` unless given. */
  readonly tenantId?: string;
}

/** The answer: the state and the events it was folded from. */
export interface ReconstructResponse<State = unknown> extends EventPage {
  readonly aggregateId: string;
  readonly aggregateType: string;
  /** The version that the state is of; 0 where nothing had happened by then. */
  readonly version: number;
  /** Folded by the gateway's module, or `data` of the events merged in version order (RFC 7396). */
  readonly state: State;
  /** The oldest version still stored, where retention took older ones. */
  readonly retainedFromVersion?: number;
}
