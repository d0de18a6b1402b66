import type { PositionBody } from '../event/event-body.ts';

/** What went wrong, as far as it still matters. */
export interface ProcessErrorBody {
  readonly name: string;
  readonly message: string;
  readonly at: string;
}

/** A process manager and how far it is. */
export interface ProcessBody {
  readonly name: string;
  readonly version: number;
  /**
   * `running`: a service handles its events and timers. `failing`: it tries, and an error keeps it from going on.
   * `standby`: no service runs it just now.
   */
  readonly state: 'running' | 'failing' | 'standby';
  readonly eventTypes: readonly string[];
  readonly checkpoint: readonly PositionBody[];
  /** Events that are stored and not decided upon. */
  readonly lagEvents: number;
  /** Instances that are not over, as the service that runs it knows them. */
  readonly activeInstances: number;
  /** When the next timer of all instances is due. */
  readonly nextTimerAt?: string;
  readonly error?: ProcessErrorBody;
}

/** The answer to `GET /events/processes`: by name. */
export interface ProcessesResponse {
  readonly processes: readonly ProcessBody[];
  /** Where the next page begins; null after the last one. */
  readonly nextCursor: string | null;
}

/** `failed` without `endedAt`: it could not decide and stands still. */
export const PROCESS_INSTANCE_STATE_NAMES = ['started', 'ended', 'timed-out', 'failed'] as const;
export type ProcessInstanceStateName = (typeof PROCESS_INSTANCE_STATE_NAMES)[number];

/** An event that an instance has handled. */
export interface ProcessedEventBody {
  readonly messageId: string;
  readonly type: string;
  readonly position: PositionBody;
}

/** One run of a process: all that belongs to one key of a tenant. */
export interface ProcessInstanceSummaryBody {
  readonly process: string;
  readonly tenantId: string;
  readonly key: string;
  readonly state: ProcessInstanceStateName;
  readonly since: string;
  readonly changedAt: string;
  readonly endedAt?: string;
  /** Why it is over. */
  readonly reason?: string;
  readonly lastEvent?: ProcessedEventBody;
  readonly nextTimer?: { readonly name: string; readonly at: string };
  /** Appends and commands that are decided and not done. */
  readonly pendingEffects: number;
  readonly error?: ProcessErrorBody;
}

/** The answer to `GET /events/processes/:name/instances`: by tenant and key. */
export interface ProcessInstancesResponse {
  readonly instances: readonly ProcessInstanceSummaryBody[];
  readonly nextCursor: string | null;
}

/** Query of `GET /events/processes/:name/instances`. */
export interface ProcessInstancesQuery {
  readonly state?: ProcessInstanceStateName;
  /** All tenants unless given. */
  readonly tenantId?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

/** An instance with its state and what it did. */
export interface ProcessInstanceBody extends ProcessInstanceSummaryBody {
  /** The process's own state. */
  readonly data: unknown;
  readonly version: number;
  readonly timers: readonly { readonly name: string; readonly at: string; readonly data?: unknown }[];
  /** Decisions since the start, of which `history` holds the latest 100. */
  readonly steps: number;
  readonly history: readonly {
    readonly step: number;
    readonly at: string;
    readonly input: string;
    readonly event?: ProcessedEventBody;
    readonly emitted?: readonly string[];
    readonly commands?: readonly string[];
    readonly scheduled?: readonly string[];
    readonly cancelled?: readonly string[];
    readonly compensated?: true;
    readonly ended?: string;
  }[];
}

/** Body of `POST /events/processes/:name/instances/:key/end`. */
export interface EndProcessInstanceRequest {
  /** At most 1,000 characters; it is kept with the instance. */
  readonly reason?: string;
  readonly tenantId?: string;
}
