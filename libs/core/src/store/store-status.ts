/** What is known of one stream of the log. */
export interface StreamStatus {
  readonly name: string;
  readonly messages: number;
  readonly bytes: number;
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly replicas: number;
}

/** How the subscriptions are, as it was known a few seconds ago at most. */
export interface SubscriptionHealth {
  /** How many there are. */
  readonly total: number;
  /** Names of those for which events wait while none is settled. */
  readonly stalled: readonly string[];
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
  /** Absent where it is not known: a store without them, or one that does not answer. */
  readonly subscriptions?: SubscriptionHealth;
}
