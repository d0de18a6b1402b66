import { DEAD_LETTER_KINDS, type DeadLetterError, type DeadLetterKind } from '@annals/core';
import { headerValue } from '../header/header-block.ts';
import { LETTER_HEADER, LETTER_HEADER_PREFIX } from '../header/header-names.ts';
import type { LetterToPost } from './letter-box.ts';

/** What a dead letter's headers tell. */
export interface LetterDetails {
  readonly kind: DeadLetterKind;
  readonly reason: string;
  readonly error?: DeadLetterError;
  readonly attempts: number;
  readonly redrives: number;
  readonly lane?: string;
  /** Where the event is stored. */
  readonly subject: string;
  readonly recordedAt: string;
  /** False when the event has to be read at its position. */
  readonly hasBody: boolean;
}

/** How much of a letter is kept: an event of nearly the server's limit leaves little room beside it. */
export type LetterDetail = 'all' | 'brief' | 'without-body';

/**
 * The server takes 64 KiB of headers a message (10097): these parts and the short ones stay below together. In bytes of
 * UTF-8, as JSON.
 */
const MAX_REASON = 12 * 1024;
const MAX_ERROR = 24 * 1024;
const MAX_ORIGINAL = 16 * 1024;
const MAX_BRIEF_REASON = 256;

const ABSENT = 'absent';

/** The lines of a letter's headers: those of its event, then its own. They are bytes of UTF-8, each as one character. */
export function letterHeaderLines(letter: LetterToPost, detail: LetterDetail): string {
  const { key, message, kind, reason, error, attempts, redrives, lane } = letter;
  const isBrief = detail !== 'all';
  const lines: [string, string | undefined][] = [
    [LETTER_HEADER.subscription, key.subscription],
    [LETTER_HEADER.kind, kind],
    [LETTER_HEADER.reason, jsonText(reason, isBrief ? MAX_BRIEF_REASON : MAX_REASON)],
    [LETTER_HEADER.error, error && !isBrief ? errorJson(error) : undefined],
    [LETTER_HEADER.attempts, String(attempts)],
    [LETTER_HEADER.redrives, String(redrives)],
    [LETTER_HEADER.lane, lane === undefined ? undefined : asBytes(JSON.stringify(lane))],
    [LETTER_HEADER.subject, asBytes(message.subject)],
    [LETTER_HEADER.recordedAt, message.recordedAt],
    [LETTER_HEADER.body, detail === 'without-body' ? ABSENT : undefined],
  ];
  const own = lines.flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}\r\n`]));
  return originalLines(message.headers) + own.join('');
}

/** The details in a letter's header block, or undefined when it is no letter. */
export function letterDetails(block: string): LetterDetails | undefined {
  const value = (name: string): string | undefined => headerValue(block, name);
  const kind = DEAD_LETTER_KINDS.find((known) => known === value(LETTER_HEADER.kind));
  const subject = value(LETTER_HEADER.subject);
  const recordedAt = value(LETTER_HEADER.recordedAt);
  if (kind === undefined || subject === undefined || recordedAt === undefined) return undefined;
  const reason = fromJson(value(LETTER_HEADER.reason));
  const error = fromJson(value(LETTER_HEADER.error));
  const lane = fromJson(value(LETTER_HEADER.lane));
  return {
    kind,
    reason: typeof reason === 'string' ? reason : '',
    ...(isError(error) && { error }),
    attempts: Number(value(LETTER_HEADER.attempts)) || 0,
    redrives: Number(value(LETTER_HEADER.redrives)) || 0,
    ...(typeof lane === 'string' && { lane }),
    subject: fromBytes(subject),
    recordedAt,
    hasBody: value(LETTER_HEADER.body) !== ABSENT,
  };
}

/** The event's own headers in a letter's block, as they were in the stream. */
export function originalHeaders(block: string): string {
  const lines = originalLines(block);
  return lines === '' ? '' : `NATS/1.0\r\n${lines}\r\n`;
}

/** What JetStream wrote or read is of no use any more: an expectation would be checked anew. */
function originalLines(block: string): string {
  const lines = block
    .split('\r\n')
    .slice(1)
    .filter((line) => line !== '' && !line.startsWith('Nats-') && !line.startsWith(LETTER_HEADER_PREFIX));
  const text = lines.map((line) => `${line}\r\n`).join('');
  return text.length <= MAX_ORIGINAL ? text : '';
}

function errorJson(error: DeadLetterError): string | undefined {
  const { name, message, code, stack } = error;
  const about = { name, message, ...(code !== undefined && { code }) };
  const candidates = [{ ...about, ...(stack !== undefined && { stack }) }, about, { name, message: '' }];
  return candidates.map((candidate) => asBytes(JSON.stringify(candidate))).find((json) => json.length <= MAX_ERROR);
}

/** The text as JSON of at most so many bytes; its end is cut off where it is longer. */
function jsonText(text: string, maxBytes: number): string {
  // No character takes less than a byte.
  let kept = text.slice(0, maxBytes);
  for (;;) {
    const json = asBytes(JSON.stringify(kept === text ? kept : `${kept}…`));
    if (json.length <= maxBytes) return json;
    kept = kept.slice(0, Math.floor(kept.length * Math.min(0.9, maxBytes / json.length)));
  }
}

function isError(value: unknown): value is DeadLetterError {
  if (typeof value !== 'object' || value === null) return false;
  const { name, message } = value as Partial<DeadLetterError>;
  return typeof name === 'string' && typeof message === 'string';
}

function fromJson(value: string | undefined): unknown {
  if (value === undefined) return undefined;
  try {
    return JSON.parse(fromBytes(value));
  } catch {
    return undefined;
  }
}

function asBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

function fromBytes(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
