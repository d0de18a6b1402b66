import { bodyDigest, chainLink } from '@annals/core';
import { saltedBody } from '../codec/event-codec.ts';
import { HEADER, NATS_HEADER } from '../header/header-names.ts';
import type { Commit } from './commit.ts';
import { encodeMarker } from './idempotency-marker.ts';
import type { Lane } from './lane.ts';
import type { EncodedEvent, PendingAppend, PendingPart } from './pending-append.ts';

const EXPECTED = `NATS/1.0\r\n${NATS_HEADER.expectedLastSubjectSequence}: `;
const EXPECTED_ON = `\r\n${NATS_HEADER.expectedLastSubjectSequenceSubject}: `;
const TIME = `\r\n${HEADER.time}: `;
const HASH = `\r\n${HEADER.hash}: `;
const SALT = `\r\n${HEADER.salt}: `;

/** One message of a commit. */
export interface CommitMessage {
  readonly subject: string;
  /** Header block but for its closing empty line, so that lines can be added. */
  readonly headers: string;
  readonly body: Buffer;
}

/**
 * Writes the messages of a commit in order: versions, hash chain and expectations.
 *
 * Every message of a lane carries the same expectation, on the lane's filter and on its head before the commit: JetStream
 * checks a batch against the state before it (nats-server 2.15.1, ADR-50), and a message without expectation would let a
 * stale writer in. The lanes hold the links that their chains come to.
 */
export function commitMessages(commit: Commit, markerTtlMs: number): readonly CommitMessage[] {
  const alone = commit.messageCount === 1 ? commit.appends[0]!.parts[0]! : undefined;
  if (alone) return [partMessage(alone, 0)];
  const messages: CommitMessage[] = [];
  for (const append of commit.appends) {
    for (const part of append.parts) {
      for (let i = 0; i < part.events.length; i++) messages.push(partMessage(part, i));
    }
    if (append.marker) messages.push(markerMessage(append, markerTtlMs));
  }
  return messages;
}

function partMessage({ append, lane, base, events }: PendingPart, index: number): CommitMessage {
  const version = lane.kind === 'aggregate' ? base + 1 + index : undefined;
  return eventMessage(lane, events[index]!, version, append.traceHeaders);
}

function eventMessage(
  lane: Lane,
  event: EncodedEvent,
  version: number | undefined,
  traceHeaders: string,
): CommitMessage {
  const subject = version === undefined ? `${lane.prefix}.${event.type}` : `${lane.prefix}.${version}.${event.type}`;
  const { salted, body, salt } = saltedBody(event.json, event.jsonBytes, version);
  lane.nextHash = chainLink(lane.nextHash, subject, bodyDigest(salted));
  const headers =
    `${EXPECTED}${lane.headBefore.sequence}${EXPECTED_ON}${lane.filter}${TIME}${event.timestamp}` +
    `${HASH}${lane.nextHash}${SALT}${salt}\r\n${traceHeaders}`;
  return { subject, headers, body };
}

function markerMessage(append: PendingAppend, ttlMs: number): CommitMessage {
  return {
    subject: append.marker!.subject,
    headers: `${EXPECTED}0\r\n${NATS_HEADER.ttl}: ${Math.ceil(ttlMs / 1000)}s\r\n`,
    body: encodeMarker(append),
  };
}
