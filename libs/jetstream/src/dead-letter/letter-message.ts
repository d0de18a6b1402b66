import type { DeadLetterKey } from '@annals/core';
import type { CommitMessage } from '../append/commit-messages.ts';
import { NATS_HEADER } from '../header/header-names.ts';
import type { StoredMessage } from '../read/stored-message.ts';
import { deadLetterKeyFilter, deadLetterKeyOf, deadLetterSubject } from '../subscribe/subscription-names.ts';
import type { LetterToPost } from './letter-box.ts';
import { type LetterDetails, letterDetails, letterHeaderLines, originalHeaders } from './letter-headers.ts';

/** A letter as the stream of dead letters holds it. */
export interface LetterMessage {
  readonly key: DeadLetterKey;
  readonly details: LetterDetails;
  /** The message itself: its sequence is the letter's age, its time is when it became one. */
  readonly posted: StoredMessage;
  /** The event's message as its stream holds it; its body is empty where the letter has none. */
  readonly event: StoredMessage;
}

const NO_BODY = Buffer.alloc(0);

/**
 * The message of a letter, which expects the letter's predecessor at `expected`, 0 for none. What does not fit beside the
 * event is left out: first what is known of the error, then the event, which the letter names in any case.
 *
 * @param maxPayloadBytes of the server: headers and body together
 */
export function encodeLetter(letter: LetterToPost, expected: number, maxPayloadBytes: number): CommitMessage {
  const { key, lane, message } = letter;
  const subject = deadLetterSubject(key, lane);
  const expectation =
    `NATS/1.0\r\n${NATS_HEADER.expectedLastSubjectSequence}: ${expected}\r\n` +
    `${NATS_HEADER.expectedLastSubjectSequenceSubject}: ${deadLetterKeyFilter(key)}\r\n`;
  const body = Buffer.from(message.body.buffer, message.body.byteOffset, message.body.byteLength);
  for (const detail of ['all', 'brief'] as const) {
    const headers = expectation + letterHeaderLines(letter, detail);
    // The empty line that ends the headers counts too.
    if (headers.length + 2 + body.length <= maxPayloadBytes) return { subject, headers, body };
  }
  return { subject, headers: expectation + letterHeaderLines(letter, 'without-body'), body: NO_BODY };
}

/** The letter that a message of the stream of dead letters is; undefined for what is none. */
export function decodeLetter(posted: StoredMessage): LetterMessage | undefined {
  const key = deadLetterKeyOf(posted.subject);
  const details = letterDetails(posted.headers);
  if (!key || !details) return undefined;
  const event: StoredMessage = {
    stream: key.stream,
    sequence: key.sequence,
    subject: details.subject,
    recordedAt: details.recordedAt,
    headers: originalHeaders(posted.headers),
    body: posted.body,
  };
  return { key, details, posted, event };
}
