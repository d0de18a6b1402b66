import type { EventBody, PositionBody } from '../event/event-body.ts';
import type { DeadLetterKindBody } from './dead-letter-request.ts';

/** What a handler threw last; cut to a bounded length. */
export interface DeadLetterErrorBody {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
}

/** An event that a subscription gave up on. */
export interface DeadLetterBody {
  /** `<subscription>/<stream>/<sequence>`. */
  readonly id: string;
  readonly subscription: string;
  readonly kind: DeadLetterKindBody;
  /** A sentence for an operator. */
  readonly reason: string;
  readonly error?: DeadLetterErrorBody;
  /** Attempts since it was delivered first or redriven last. */
  readonly attempts: number;
  /** How often it was redriven and came back. */
  readonly redrives: number;
  /** When it became one last. */
  readonly deadLetteredAt: string;
  /** True while it waits to be handled again. */
  readonly redriving: boolean;
  readonly position: PositionBody;
  /** Absent for `unreadable`. */
  readonly event?: EventBody;
}

/** The answer to `GET /events/dead-letters`: oldest first. */
export interface DeadLettersResponse {
  readonly deadLetters: readonly DeadLetterBody[];
  /** Where the next page begins; null after the last one. */
  readonly nextCursor: string | null;
}

/** What a redrive set in motion. */
export interface RedriveResponse {
  /** Letters that the selection matched. */
  readonly matched: number;
  /** Of these, now waiting for their subscription; the others waited already, or their subscription is gone. */
  readonly redriven: number;
  /** Letters whose subscription does not exist. */
  readonly orphaned: number;
}

/** The answer to `POST /events/dead-letters/purge`. */
export interface PurgeResponse {
  readonly purged: number;
}
