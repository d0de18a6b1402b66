import {
  type AggregateRef,
  type EventFilter,
  type EventStore,
  type Position,
  type RecordedEvent,
  currentEvents,
  storedEvents,
} from '@annals/core';
import { DEFAULT_PAGE_LIMIT } from '@annals/contract';
import { type CursorPlace, readCursor, writeCursor } from './cursor.ts';
import { type EventSelection, looksInside, selectionDigest } from './event-selection.ts';
import { type EventSource, type SourceEvents, chooseSource, readSource } from './event-source.ts';

/**
 * A page of a selection. Limits, places and counts mean stored events: where a migration makes several of one or none, a
 * page holds more or fewer.
 */
export interface Page {
  readonly events: readonly RecordedEvent[];
  readonly nextCursor: string | null;
  /** The one aggregate that was read, where it was one. */
  readonly aggregate: Required<AggregateRef> | undefined;
  readonly retainedFromVersion: number | undefined;
}

/** A page and the size of the whole list. */
export interface CountedPage extends Page {
  /** How many events match, on all pages together. */
  readonly totalEvents: number;
}

/** Reads one page. @throws ValidationError for a foreign cursor, and what the store throws */
export async function readPage(store: EventStore, selection: EventSelection, signal: AbortSignal): Promise<Page> {
  return (await openPage(store, selection, signal)).page;
}

/** Reads one page and counts the list. */
export async function readCountedPage(
  store: EventStore,
  selection: EventSelection,
  signal: AbortSignal,
): Promise<CountedPage> {
  const { page, stored, source, isFirst } = await openPage(store, selection, signal);
  const isWhole = isFirst && page.nextCursor === null;
  const totalEvents = isWhole ? stored : await countAll(store, selection, source, page);
  return { ...page, totalEvents };
}

/** Opens all events of a selection, without a page's limit, for an answer that is written while it is read. */
export async function openAll(
  store: EventStore,
  selection: EventSelection,
  signal: AbortSignal,
): Promise<SourceEvents> {
  const place = placeOf(selection);
  const { store: inner, registry } = storedEvents(store);
  const source = await chooseSource(inner, selection, place);
  const read = readSource(inner, source, selection, place, selection.limit, signal);
  if (!registry) return read;
  return {
    get retainedFromVersion() {
      return read.retainedFromVersion;
    },
    async *[Symbol.asyncIterator]() {
      for await (const event of read) yield* currentEvents(registry, [event]);
    },
  };
}

async function openPage(registered: EventStore, selection: EventSelection, signal: AbortSignal) {
  const { store, registry } = storedEvents(registered);
  const place = placeOf(selection);
  const source = await chooseSource(store, selection, place);
  const limit = selection.limit ?? DEFAULT_PAGE_LIMIT;
  // One more than the page takes tells whether another page follows.
  const read = readSource(store, source, selection, place, limit + 1, signal);
  const events: RecordedEvent[] = [];
  for await (const event of read) events.push(event);
  const nextCursor = events.length > limit ? cursorAfter(selection, source, place, events.splice(limit), events) : null;
  const isFirst = place === undefined;
  const page: Page = {
    events: registry ? currentEvents(registry, events) : events,
    nextCursor,
    aggregate: source.kind === 'aggregate' ? source.aggregate : undefined,
    retainedFromVersion: read.retainedFromVersion ?? (await retainedElsewhere(store, selection, source, isFirst)),
  };
  return { page, stored: events.length, source, isFirst };
}

/** Only a read that begins at version 1 comes across what retention took; for the others the oldest event is asked for. */
async function retainedElsewhere(
  store: EventStore,
  { filter, direction }: EventSelection,
  source: EventSource,
  isFirst: boolean,
): Promise<number | undefined> {
  if (source.kind !== 'aggregate') return undefined;
  if (isFirst && direction === 'forwards' && (filter.fromVersion ?? 1) === 1) return undefined;
  return oldestRetained(store, source.aggregate);
}

/** The oldest version still stored, where retention took older ones. */
export async function oldestRetained(
  store: EventStore,
  aggregate: AggregateRef,
  signal?: AbortSignal,
): Promise<number | undefined> {
  const oldest = store.readAggregate(aggregate, { limit: 1, ...(signal && { signal }) });
  for await (const _ of oldest) break;
  return oldest.retainedFromVersion;
}

/** Where a selection goes on; undefined at its beginning. @throws ValidationError for a foreign cursor */
export function placeOf(selection: EventSelection): CursorPlace | undefined {
  return selection.cursor === undefined ? undefined : readCursor(selection.cursor, selectionDigest(selection));
}

function cursorAfter(
  selection: EventSelection,
  source: EventSource,
  place: CursorPlace | undefined,
  [next]: readonly RecordedEvent[],
  page: readonly RecordedEvent[],
): string {
  const digest = selectionDigest(selection);
  if (source.kind === 'aggregate') {
    return writeCursor({ kind: 'version', aggregateType: source.aggregate.type, version: next!.version! }, digest);
  }
  const reached = new Map<string, number>();
  const before: readonly Position[] = place?.kind === 'positions' ? place.after : [];
  for (const { stream, sequence } of before) reached.set(stream, sequence);
  for (const { position } of page) reached.set(position.stream, position.sequence);
  const after = [...reached].map(([stream, sequence]) => ({ stream, sequence }));
  return writeCursor({ kind: 'positions', after }, digest);
}

/** Versions have no gaps from the oldest stored one on, so the head tells how many events an aggregate has. */
async function countAll(
  store: EventStore,
  { filter }: EventSelection,
  source: EventSource,
  page: Page,
): Promise<number> {
  if (source.kind === 'nothing') return 0;
  if (source.kind === 'log') return store.count(filter);
  const { aggregate } = source;
  if (looksInside(filter)) {
    const exact: EventFilter = { ...filter, aggregateType: aggregate.type };
    return store.count(exact);
  }
  const head = await store.currentVersion(aggregate);
  const first = Math.max(filter.fromVersion ?? 1, page.retainedFromVersion ?? 1);
  const last = Math.min(filter.toVersion ?? head, head);
  return Math.max(0, last - first + 1);
}
