/** Why a subscription gave up on an event. */
export type DeadLetterKindBody = 'attempts-exhausted' | 'rejected' | 'process-ended' | 'parked' | 'unreadable';

/** Which dead letters are meant; absent fields match all, of all tenants. */
export interface DeadLetterCriteria {
  readonly subscription?: string;
  readonly tenantId?: string;
  readonly aggregateType?: string;
  readonly aggregateId?: string;
  /** Types, or patterns like `user.*` and `vendor.>`. */
  readonly eventTypes?: readonly string[];
  readonly kinds?: readonly DeadLetterKindBody[];
  /** When they became one, both ends inclusive. */
  readonly deadLetteredFrom?: string;
  readonly deadLetteredTo?: string;
}

/** The query of `GET /events/dead-letters`. */
export interface DeadLetterQuery extends DeadLetterCriteria {
  /** 1 to 1,000; 100 unless given, as NDJSON all. */
  readonly limit?: number;
  /** `nextCursor` of the page before, with the same criteria. */
  readonly cursor?: string;
}

/** What a bulk operation is done with: ids, criteria, or in so many words all. */
export interface DeadLetterSelectionBody extends DeadLetterCriteria {
  /** At most 1,000. */
  readonly ids?: readonly string[];
  /** Needed where neither ids nor criteria (but for the tenant) are given, so that nobody means all by mistake. */
  readonly all?: boolean;
}

/** The body of `POST /events/dead-letters/redrive`. */
export interface RedriveRequest extends DeadLetterSelectionBody {
  /** At most so many are handled a second; as fast as the subscription takes them unless given. */
  readonly ratePerSecond?: number;
}

/** The body of `POST /events/dead-letters/purge`. */
export type PurgeRequest = DeadLetterSelectionBody;
