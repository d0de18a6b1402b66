/** The answer to `GET /health/live`: the process runs. */
export interface LiveResponse {
  readonly status: 'ok';
}

/** The answer to `GET /health/ready`: 200 when events can be stored and read, else 503. */
export interface ReadyResponse {
  readonly status: 'ready' | 'not-ready';
  /** Why not. */
  readonly reason?: string;
  readonly serverVersion?: string;
  /** What an acknowledged append means on this server, as far as it tells. */
  readonly durability?: string;
  readonly streams?: readonly {
    readonly name: string;
    readonly messages: number;
    readonly bytes: number;
    readonly replicas: number;
  }[];
  /** Subscriptions whose events wait while none is settled, as seen a moment ago, at most 20; says nothing of readiness. */
  readonly stalledSubscriptions?: readonly string[];
  /** Projections that fail at an event, as seen a moment ago, at most 20; says nothing of readiness. */
  readonly failedProjections?: readonly string[];
}
