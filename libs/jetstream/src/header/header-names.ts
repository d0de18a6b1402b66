/** Storage names: changing one of the `Annals-` headers is a migration of every store. */
export const HEADER = {
  /** The event's timestamp, so that statistics need no bodies. */
  time: 'Annals-Time',
  /** The link of the aggregate's hash chain, base64url. */
  hash: 'Annals-Hash',
  /** The salt of the body's digest, base64url. */
  salt: 'Annals-Salt',
  /** On a message that a replay publishes on a subject: the id of the replay. */
  replayId: 'Annals-Replay-Id',
  traceparent: 'traceparent',
  tracestate: 'tracestate',
} as const;

/** Storage names: what a dead letter tells beside the headers of its event. Changing one is a migration. */
export const LETTER_HEADER = {
  subscription: 'Annals-Letter-Subscription',
  kind: 'Annals-Letter-Kind',
  /** JSON text in UTF-8, as all that may hold more than plain ASCII. */
  reason: 'Annals-Letter-Reason',
  /** JSON. */
  error: 'Annals-Letter-Error',
  attempts: 'Annals-Letter-Attempts',
  redrives: 'Annals-Letter-Redrives',
  /** JSON text: what events of one aggregate share. */
  lane: 'Annals-Letter-Lane',
  /** Where the event is stored, and when the store took it. */
  subject: 'Annals-Letter-Subject',
  recordedAt: 'Annals-Letter-Recorded-At',
  /** `absent` when the event was too large to be kept with the letter's headers: it is read at its position. */
  body: 'Annals-Letter-Body',
} as const;

/** What the names of all headers of {@link LETTER_HEADER} begin with. */
export const LETTER_HEADER_PREFIX = 'Annals-Letter-';

/** Headers that JetStream reads and writes (ADR-8, ADR-31, ADR-50; nats-server 2.14). */
export const NATS_HEADER = {
  expectedLastSubjectSequence: 'Nats-Expected-Last-Subject-Sequence',
  expectedLastSubjectSequenceSubject: 'Nats-Expected-Last-Subject-Sequence-Subject',
  batchId: 'Nats-Batch-Id',
  batchSequence: 'Nats-Batch-Sequence',
  batchCommit: 'Nats-Batch-Commit',
  ttl: 'Nats-TTL',
  /** On an entry of a bucket that stands for nothing: its key was removed (ADR-8). */
  kvOperation: 'KV-Operation',
  /** On a marker that the server put in the place of what was removed or ran out (ADR-43). */
  markerReason: 'Nats-Marker-Reason',
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
  /** On what is delivered to the one client that a priority group is pinned to (ADR-42). */
  pinId: 'Nats-Pin-Id',
} as const;
