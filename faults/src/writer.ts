import { setTimeout as pause } from 'node:timers/promises';
import { type AppendResult, type EventStore, type NewEvent, isAnnalsError, isConcurrencyError } from '@annals/core';
import { openJetStreamStore } from '@annals/jetstream';
import type { JournalAck, JournalEntry, JournalPart } from './journal.ts';
import type { WriterOptions } from './writer-options.ts';

/** A process that appends at random until it is told to stop, or is killed, and tells its parent all it does. */

const AGGREGATE_TYPE = 'fault';
const MAX_EVENTS = 6;
const REOPEN_PAUSE_MS = 200;

const options = JSON.parse(process.argv[2]!) as WriterOptions;
const tell = (entry: JournalEntry): void => void process.send?.(entry);
const random = (below: number): number => Math.floor(Math.random() * below);

let stopping = false;
let finished = false;
let nextAppend = 0;
let nextMessage = 0;
/** Versions as this process knows them, right or wrong. */
const versions = new Map<string, number>();

process.on('message', (message) => {
  if (message === 'stop') stopping = true;
});
process.on('disconnect', () => process.exit(finished ? 0 : 1));

const store = await openWhenThere();
for (const orphan of options.orphans) await appendUntilKnown(store, orphan.append, orphan.parts);
await Promise.all(Array.from({ length: options.writers }, (_, i) => write(i)));
await store.close();
finished = true;
process.disconnect();

/** A server that was just killed, or a cluster without leader, is no reason to give up. */
async function openWhenThere(): Promise<EventStore> {
  for (;;) {
    try {
      return await openJetStreamStore({ servers: options.servers, replicas: options.replicas });
    } catch (error) {
      if (!isAnnalsError(error) || !error.retryable) throw error;
      await pause(REOPEN_PAUSE_MS);
    }
  }
}

async function write(writer: number): Promise<void> {
  while (!stopping) {
    const name = `${options.name}/${nextAppend++}`;
    const parts = random(6) === 0 ? distinctParts(writer) : [partOn(pickAggregate(writer))];
    tell({ kind: 'intent', append: name, parts });
    await appendUntilKnown(store, name, parts);
  }
}

/** Repeats an append whose outcome is open: the ids make that safe. */
async function appendUntilKnown(store: EventStore, name: string, parts: readonly JournalPart[]): Promise<void> {
  for (;;) {
    try {
      const result = await store.appendAll(
        parts.map(({ aggregate, expectedVersion, messageIds }) => ({
          aggregate: { type: AGGREGATE_TYPE, id: aggregate },
          expectedVersion,
          events: messageIds.map(eventOf),
        })),
      );
      tell({ kind: 'acked', append: name, parts: acksOf(result, parts) });
      for (const head of result.heads) versions.set(head.aggregate.id, head.version);
      return;
    } catch (error) {
      if (isConcurrencyError(error)) {
        versions.set(error.aggregate.id, error.actualVersion);
        tell({ kind: 'refused', append: name, code: error.code });
        return;
      }
      const code = isAnnalsError(error) ? error.code : 'not-typed';
      if (code === 'append-outcome-unknown') tell({ kind: 'unknown', append: name });
      else tell({ kind: 'failed', append: name, code, message: (error as Error).stack ?? String(error) });
      if (!isAnnalsError(error) || !error.retryable || stopping) return;
    }
  }
}

function pickAggregate(writer: number): string {
  const kind = random(10);
  if (kind < 4) return `shared-${random(options.sharedAggregates)}`;
  if (kind < 6) return `process-${options.name}-${random(4)}`;
  return `own-${options.name}-${writer}`;
}

function partOn(aggregate: string): JournalPart {
  const count = random(3) > 0 ? 1 : 1 + random(MAX_EVENTS);
  const messageIds = Array.from({ length: count }, () => `${options.name}.${nextMessage++}`);
  return { aggregate, messageIds, expectedVersion: random(2) === 0 ? 'any' : (versions.get(aggregate) ?? 0) };
}

function distinctParts(writer: number): JournalPart[] {
  const names = new Set(Array.from({ length: 3 }, () => pickAggregate(writer)));
  return [...names].map(partOn);
}

function eventOf(messageId: string): NewEvent {
  return { type: 'fault.happened', messageId, timestamp: '2024-01-01T00:00:00Z', data: { messageId } };
}

function acksOf(result: AppendResult, parts: readonly JournalPart[]): JournalAck[] {
  let at = 0;
  return parts.map(({ aggregate, messageIds }) => {
    const firstVersion = result.events[at]!.version!;
    at += messageIds.length;
    return { aggregate, messageIds, firstVersion };
  });
}
