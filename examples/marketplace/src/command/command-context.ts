/** Who asks, as part of what, and with which precautions: taken from the headers of a request. */
export interface CommandContext {
  /** Chain of events that this command belongs to; begins a new one unless given. */
  readonly correlationId: string | undefined;
  /** Message id of the event that led to this command. */
  readonly causationId: string | undefined;
  /** Who triggered it. */
  readonly userId: string | undefined;
  /** A repeated command with the same key answers with what the first one did. */
  readonly idempotencyKey: string | undefined;
  /** Refuses the command unless the aggregate is at this version (`If-Match`). */
  readonly expectedVersion: number | undefined;
  /** Digest of what is asked for: tells a repetition from another command under the same key. */
  readonly requestDigest: string;
}
