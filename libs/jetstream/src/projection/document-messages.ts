import { type Checkpoint, CommitTooLarge, ValidationError } from '@annals/core';
import type { CommitMessage } from '../append/commit-messages.ts';
import { NATS_HEADER } from '../header/header-names.ts';
import { readModelSubject } from './read-model-names.ts';

/** An atomic batch takes 1,000 messages (nats-server 2.14, ADR-50), the checkpoint is one of them. */
const MAX_DOCUMENTS = 999;
const MAX_BATCH_BYTES = 4 * 1024 * 1024;
/** What subject and headers of a document take at most. */
const HEADER_BYTES = 1_024;
/** How long the marker of a removed document stays. */
const MARKER_TTL_SECONDS = 60;

const PUT = 'NATS/1.0\r\n';
const DELETE = `NATS/1.0\r\n${NATS_HEADER.kvOperation}: DEL\r\n${NATS_HEADER.ttl}: ${MARKER_TTL_SECONDS}s\r\n`;

/** @throws CommitTooLarge for what does not fit one atomic batch; ValidationError for a document that fits no message */
export function holdWithinLimits(
  changed: ReadonlyMap<string, string | undefined>,
  key: string,
  maxPayloadBytes: number,
): void {
  const json = changed.get(key);
  const bytes = json === undefined ? 0 : Buffer.byteLength(json);
  if (bytes + HEADER_BYTES > maxPayloadBytes) {
    const message = `takes ${bytes} bytes, the server takes ${maxPayloadBytes - HEADER_BYTES}: divide it`;
    throw new ValidationError([{ path: `document ${key}`, message }]);
  }
  if (changed.size > MAX_DOCUMENTS) {
    throw new CommitTooLarge(`an event may change ${MAX_DOCUMENTS} documents: let a projection into SQL handle it`);
  }
}

/**
 * The messages of a commit: documents, and the checkpoint as the last one.
 *
 * @param next the checkpoint, and the revision of what it replaces
 * @throws CommitTooLarge
 */
export function documentMessages(
  changed: ReadonlyMap<string, string | undefined>,
  keyOf: (document: string) => string,
  next: { readonly key: string; readonly checkpoint: Checkpoint; readonly revision: number },
): readonly CommitMessage[] {
  const messages: CommitMessage[] = [];
  let bytes = 0;
  for (const [document, json] of changed) {
    const body = Buffer.from(json ?? '');
    bytes += body.length;
    messages.push({ subject: readModelSubject(keyOf(document)), headers: json === undefined ? DELETE : PUT, body });
  }
  if (bytes > MAX_BATCH_BYTES && messages.length > 1) {
    throw new CommitTooLarge(`an event may change documents of ${MAX_BATCH_BYTES} bytes: let it change fewer`);
  }
  messages.push({
    subject: readModelSubject(next.key),
    headers: `NATS/1.0\r\n${NATS_HEADER.expectedLastSubjectSequence}: ${next.revision}\r\n`,
    body: Buffer.from(JSON.stringify(next.checkpoint)),
  });
  return messages;
}
