import type { PositionBody } from '../event/event-body.ts';

/** One stored event in the answer to `POST /events`. */
export interface AppendedEventBody {
  readonly id: string;
  readonly type: string;
  readonly aggregateType?: string;
  readonly aggregateId?: string;
  readonly version?: number;
  readonly position: PositionBody;
  /** Absent when the store took the event but could not be asked when. */
  readonly recordedAt?: string;
}

/** The answer to `POST /events`: 201, or 200 where an earlier attempt had stored the same events. */
export interface AppendResponse {
  /** In the order of the request. */
  readonly events: readonly AppendedEventBody[];
}
