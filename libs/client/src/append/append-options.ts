import type { AppendResponse } from '@annals/contract';
import type { CallOptions } from '../request/http.ts';

/** What `append` takes beside the events. */
export interface AppendRequestOptions extends CallOptions {
  /** Makes a repetition within 30 days answer with the first result. */
  readonly idempotencyKey?: string | undefined;
  /** Version that the one aggregate must be at, or `*` for one that has events; else `precondition-failed`. */
  readonly ifMatch?: number | '*' | undefined;
  /** `*`: the one aggregate must have no events yet; else `precondition-failed`. */
  readonly ifNoneMatch?: '*' | undefined;
  /** Tenant of events that name none. */
  readonly tenantId?: string | undefined;
}

/** What became of an append. */
export interface AppendOutcome extends AppendResponse {
  /** True when an earlier attempt had stored the events, and this is its result. */
  readonly repeated: boolean;
}
