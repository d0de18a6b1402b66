/**
 * The `err_code`s of JetStream's answers that the store acts on (nats-server 2.15.1, server/errors.json). Numbers only:
 * the texts change between versions.
 */
export const JETSTREAM_CODE = {
  /** An expectation on the last sequence of a subject or filter does not hold. */
  wrongLastSequence: 10071,
  /** The expected sequence may be changed by a message that is being replicated (R3). */
  expectationInFlight: 10164,
  /** A message id of the batch is known already. */
  duplicateInBatch: 10201,
  /** The stream cannot say now. */
  temporarilyUnavailable: 10163,
  /** A batch has a gap, or its first part is gone. */
  batchIncomplete: 10176,
  /** More than 50 batches are open on the stream. */
  tooManyBatches: 10210,
  /** A consumer is not there, or no longer. */
  consumerNotFound: 10014,
  /** A consumer of this name with another configuration is there. */
  consumerExists: 10148,
  /** The consumer that is to be changed is not there. */
  consumerDoesNotExist: 10149,
  /** No message is stored at that sequence, or under that subject. */
  noMessageFound: 10037,
  /** The stream is not there. */
  streamNotFound: 10059,
  /** A stream of this name with another configuration is there. */
  nameInUse: 10058,
  /** Another stream takes some of the subjects. */
  subjectsOverlap: 10065,
  /** The server is no cluster. */
  replicasNotSupported: 10074,
  /** The cluster has too few servers with room for the replicas. */
  noSuitablePeers: 10005,
  /** Storage or streams of the server or the account are used up. */
  insufficientResources: 10023,
  storageExceeded: 10047,
  accountLimits: 10002,
  streamLimit: 10027,
  /** JetStream is off for the account. */
  notEnabledForAccount: 10039,
} as const;

/** What a refused API request answers with. */
export interface ApiError {
  /** Like an HTTP status. */
  readonly code: number;
  readonly err_code: number;
  readonly description: string;
}
