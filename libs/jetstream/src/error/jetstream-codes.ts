/**
 * The `err_code`s of JetStream's answers that the store acts on (nats-server 2.15.1, server/errors.json). Numbers only:
 * the texts change between versions.
 */
export const JETSTREAM_CODE = {
  /** A consumer is not there, or no longer. */
  consumerNotFound: 10014,
  /** No message is stored at that sequence, or under that subject. */
  noMessageFound: 10037,
  /** The stream is not there. */
  streamNotFound: 10059,
} as const;

/** What a refused API request answers with. */
export interface ApiError {
  /** Like an HTTP status. */
  readonly code: number;
  readonly err_code: number;
  readonly description: string;
}
