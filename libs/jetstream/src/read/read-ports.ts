/** What this process knows of its own appends, so that its reads can be held to see them. */
export interface KnownSequences {
  /**
   * A stream sequence that an answer about the aggregate must have covered to hold all that this process was told of it:
   * the last one it knows to be acknowledged, 0 when it knows of none. Where it no longer remembers the aggregate, the last
   * one of the stream will do.
   *
   * @param aggregatePrefix of `aggregatePrefix()`
   */
  ofAggregate(stream: string, aggregatePrefix: string): number;
}

/** Tells whether retention took events away, so that a missing beginning can be told from damage. */
export interface RetentionRecords {
  /** True from before the first event of the stream is taken. Asked by every long read: answered from memory. */
  hasTaken(stream: string): Promise<boolean>;
}
