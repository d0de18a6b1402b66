import { bodyDigest, chainLink, newSalt } from '@annals/core';
import { bodyWithVersion } from '../codec/event-codec.ts';
import { HEADER, NATS_HEADER } from '../header/header-names.ts';
import type { Commit } from './commit.ts';
import { encodeMarker } from './idempotency-marker.ts';
import type { Lane, LaneHead } from './lane.ts';
import type { EncodedEvent, PendingAppend } from './pending-append.ts';

/** One message of a commit, but for the headers of the batch. */
export interface CommitMessage {
  readonly subject: string;
  /** Header lines without the version line before them and the empty line after them. */
  readonly headers: string;
  readonly body: Buffer;
}

/** A commit's messages and what its lanes' hash chains come to when it lands. */
export interface CommitMessages {
  readonly messages: readonly CommitMessage[];
  readonly hashes: ReadonlyMap<Lane, Uint8Array>;
}

/**
 * Writes the messages of a commit in order: versions, hash chain and expectations.
 *
 * Every message of a lane carries the same expectation, on the lane's filter and on its head before the commit: JetStream
 * checks a batch against the state before it (nats-server 2.15.1, ADR-50), and a message without expectation would let a
 * stale writer in.
 */
export function commitMessages(commit: Commit, markerTtlMs: number): CommitMessages {
  const chains = new Map<Lane, { expectation: string; hash: Uint8Array }>();
  for (const [lane, head] of commit.lanes) chains.set(lane, { expectation: expectation(lane, head), hash: head.hash });

  const messages: CommitMessage[] = [];
  for (const append of commit.appends) {
    for (const part of append.parts) {
      const chain = chains.get(part.lane)!;
      const versioned = part.lane.kind === 'aggregate';
      for (let i = 0; i < part.events.length; i++) {
        const event = part.events[i]!;
        const version = versioned ? part.base + 1 + i : undefined;
        const message = eventMessage(part.lane, event, version, chain, append.traceHeaders);
        messages.push(message);
      }
    }
    if (append.marker) messages.push(markerMessage(append, markerTtlMs));
  }
  const hashes = new Map<Lane, Uint8Array>();
  for (const [lane, chain] of chains) hashes.set(lane, chain.hash);
  return { messages, hashes };
}

function eventMessage(
  lane: Lane,
  event: EncodedEvent,
  version: number | undefined,
  chain: { expectation: string; hash: Uint8Array },
  traceHeaders: string,
): CommitMessage {
  const subject = version === undefined ? `${lane.prefix}.${event.type}` : `${lane.prefix}.${version}.${event.type}`;
  const body = bodyWithVersion(event.json, version);
  const salt = newSalt();
  const hash = chainLink(chain.hash, subject, bodyDigest(salt, body));
  chain.hash = hash;
  const headers =
    `${chain.expectation}${HEADER.time}: ${event.timestamp}\r\n` +
    `${HEADER.hash}: ${hash.toString('base64url')}\r\n${HEADER.salt}: ${salt.toString('base64url')}\r\n${traceHeaders}`;
  return { subject, headers, body };
}

function markerMessage(append: PendingAppend, ttlMs: number): CommitMessage {
  return {
    subject: append.marker!.subject,
    headers: `${NATS_HEADER.expectedLastSubjectSequence}: 0\r\n${NATS_HEADER.ttl}: ${Math.ceil(ttlMs / 1000)}s\r\n`,
    body: encodeMarker(append),
  };
}

function expectation(lane: Lane, head: LaneHead): string {
  return (
    `${NATS_HEADER.expectedLastSubjectSequence}: ${head.sequence}\r\n` +
    `${NATS_HEADER.expectedLastSubjectSequenceSubject}: ${lane.filter}\r\n`
  );
}
