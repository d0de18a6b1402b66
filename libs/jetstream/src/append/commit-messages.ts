import { bodyDigest, chainLink } from '@annals/core';
import { saltedBody } from '../codec/event-codec.ts';
import { HEADER, NATS_HEADER } from '../header/header-names.ts';
import type { Commit } from './commit.ts';
import { encodeMarker } from './idempotency-marker.ts';
import type { Lane } from './lane.ts';
import type { EncodedEvent, PendingAppend } from './pending-append.ts';

/** One message of a commit, but for the headers of the batch. */
export interface CommitMessage {
  readonly subject: string;
  /** Header lines without the version line before them and the empty line after them. */
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
  const messages: CommitMessage[] = [];
  for (const append of commit.appends) {
    for (const { lane, base, events } of append.parts) {
      const versioned = lane.kind === 'aggregate';
      for (let i = 0; i < events.length; i++) {
        messages.push(eventMessage(lane, events[i]!, versioned ? base + 1 + i : undefined, append.traceHeaders));
      }
    }
    if (append.marker) messages.push(markerMessage(append, markerTtlMs));
  }
  return messages;
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
    `${NATS_HEADER.expectedLastSubjectSequence}: ${lane.headBefore.sequence}\r\n` +
    `${NATS_HEADER.expectedLastSubjectSequenceSubject}: ${lane.filter}\r\n` +
    `${HEADER.time}: ${event.timestamp}\r\n${HEADER.hash}: ${lane.nextHash}\r\n${HEADER.salt}: ${salt}\r\n` +
    traceHeaders;
  return { subject, headers, body };
}

function markerMessage(append: PendingAppend, ttlMs: number): CommitMessage {
  return {
    subject: append.marker!.subject,
    headers: `${NATS_HEADER.expectedLastSubjectSequence}: 0\r\n${NATS_HEADER.ttl}: ${Math.ceil(ttlMs / 1000)}s\r\n`,
    body: encodeMarker(append),
  };
}
