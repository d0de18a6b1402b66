/** Storage names: changing one of the `Annals-` headers is a migration of every store. */
export const HEADER = {
  /** The event's timestamp, so that statistics need no bodies. */
  time: 'Annals-Time',
  /** The link of the aggregate's hash chain, base64url. */
  hash: 'Annals-Hash',
  /** The salt of the body's digest, base64url. */
  salt: 'Annals-Salt',
  traceparent: 'traceparent',
  tracestate: 'tracestate',
} as const;

/** Headers that JetStream reads and writes (ADR-8, ADR-31, ADR-50; nats-server 2.14). */
export const NATS_HEADER = {
  expectedLastSubjectSequence: 'Nats-Expected-Last-Subject-Sequence',
  expectedLastSubjectSequenceSubject: 'Nats-Expected-Last-Subject-Sequence-Subject',
  batchId: 'Nats-Batch-Id',
  batchSequence: 'Nats-Batch-Sequence',
  batchCommit: 'Nats-Batch-Commit',
  ttl: 'Nats-TTL',
  /** On a Direct Get reply: where and when the message was stored. */
  subject: 'Nats-Subject',
  sequence: 'Nats-Sequence',
  timeStamp: 'Nats-Time-Stamp',
  /** On a Direct Get status: how far the answering server had read. */
  upToSequence: 'Nats-UpTo-Sequence',
  numPending: 'Nats-Num-Pending',
  /** On the status that ends a pull: how many messages of it did not come. */
  pendingMessages: 'Nats-Pending-Messages',
  /** On a heartbeat: the sequence that the consumer delivered last. */
  lastConsumer: 'Nats-Last-Consumer',
} as const;
