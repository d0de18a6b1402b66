import { type RecordedEvent, CorruptEvent } from '@annals/core';
import { decodeEvent } from '../codec/event-codec.ts';
import type { EventSubject } from '../subject/subject-map.ts';

/** A message as the stream holds it. */
export interface StoredMessage {
  readonly stream: string;
  readonly sequence: number;
  readonly subject: string;
  /** RFC 3339 in UTC, nanoseconds. */
  readonly recordedAt: string;
  /** The header block as text, `''` when there is none. */
  readonly headers: string;
  readonly body: Uint8Array;
}

/** The event that a stored message holds. @throws CorruptEvent when it holds none */
export function storedEvent(message: StoredMessage): RecordedEvent {
  const { stream, sequence, subject, recordedAt, headers, body } = message;
  return decodeEvent(stream, sequence, subject, recordedAt, headers, body);
}

/** The version as a number. @throws CorruptEvent when the subject holds none */
export function checkVersion(version: number, message: Pick<StoredMessage, 'stream' | 'sequence' | 'subject'>): number {
  if (Number.isSafeInteger(version) && version >= 1) return version;
  const { stream, sequence, subject } = message;
  throw new CorruptEvent({ stream, sequence }, subject, 'its subject holds no version');
}

/** The subject as it was read. @throws CorruptEvent when Annals writes no such subject */
export function checkEventSubject(parsed: EventSubject | undefined, message: StoredMessage): EventSubject {
  if (parsed) return parsed;
  const { stream, sequence, subject } = message;
  throw new CorruptEvent({ stream, sequence }, subject, 'Annals writes no such subject');
}
