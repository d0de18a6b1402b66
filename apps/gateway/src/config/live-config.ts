/** How live clients are served. */
export interface LiveConfig {
  /** Origins like `https://app.example.org` whose pages may read live events, beside the gateway's own and loopback's. */
  readonly allowedOrigins: readonly string[];
  /** SSE clients and sockets together. */
  readonly maxClients: number;
  /** Different filters that are followed at the same time. */
  readonly maxFilters: number;
  /** Subscriptions of one socket. */
  readonly maxSubscriptions: number;
  readonly heartbeatMs: number;
  /** What may wait for one client before it is slowed. */
  readonly bufferBytes: number;
  /** A client that takes nothing for this long while something waits for it is dropped. */
  readonly stallTimeoutMs: number;
  /** True: connects and disconnects of sockets are stored as events. */
  readonly recordConnections: boolean;
}
