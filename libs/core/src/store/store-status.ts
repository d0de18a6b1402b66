/** What is known of one stream of the log. */
export interface StreamStatus {
  readonly name: string;
  readonly messages: number;
  readonly bytes: number;
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly replicas: number;
}

/** Whether the store can be used, and on what. */
export interface StoreStatus {
  readonly state: 'ready' | 'disconnected' | 'closed';
  /** Why it is not ready. */
  readonly reason?: string;
  /** Version of the server, where there is one. */
  readonly serverVersion?: string;
  readonly streams: readonly StreamStatus[];
  /** What an acknowledgement means here, as far as the server tells. */
  readonly durability: string;
}
