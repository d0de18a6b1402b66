/** Where a contender's client finds what it works on; plain data, it crosses to another process. */
export interface Place {
  readonly natsUrls: readonly string[];
  /** Copies of each stream. */
  readonly replicas: number;
  readonly postgresUrl?: string;
  /** Connections of the PostgreSQL pool. */
  readonly postgresPool: number;
  readonly gatewayUrl?: string;
}
