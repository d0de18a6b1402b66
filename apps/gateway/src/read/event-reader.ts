import type { AggregateRef, EventFilter, EventStore, Position, RecordedEvent } from '@annals/core';
import { DEFAULT_PAGE_LIMIT } from '@annals/contract';
import { type CursorPlace, readCursor, writeCursor } from './cursor.ts';
import { type EventSelection, looksInside, selectionDigest } from './event-selection.ts';
import { type EventSource, type SourceEvents, chooseSource, readSource } from './event-source.ts';

/** A page of a selection. */
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
  const { page } = await openPage(store, selection, signal);
  return page;
}

/** Reads one page and counts the list. */
export async function readCountedPage(
  store: EventStore,
  selection: EventSelection,
  signal: AbortSignal,
): Promise<CountedPage> {
  const { page, source, place } = await openPage(store, selection, signal);
  const isWhole = place === undefined && page.nextCursor === null;
  const totalEvents = isWhole ? page.events.length : await countAll(store, selection, source);
  return { ...page, totalEvents };
}

/** Opens all events of a selection, without a page's limit, for an answer that is written while it is read. */
export async function openAll(
  store: EventStore,
  selection: EventSelection,
  signal: AbortSignal,
): Promise<SourceEvents> {
  const place = placeOf(selection);
  const source = await chooseSource(store, selection, place);
  return readSource(store, source, selection, place, selection.limit, signal);
}

async function openPage(store: EventStore, selection: EventSelection, signal: AbortSignal) {
  const place = placeOf(selection);
  const source = await chooseSource(store, selection, place);
  const limit = selection.limit ?? DEFAULT_PAGE_LIMIT;
  // One more than the page takes tells whether another page follows.
  const read = readSource(store, source, selection, place, limit + 1, signal);
  const events: RecordedEvent[] = [];
  for await (const event of read) events.push(event);
  const nextCursor = events.length > limit ? cursorAfter(selection, source, place, events.splice(limit), events) : null;
  const aggregate = source.kind === 'aggregate' ? source.aggregate : undefined;
  const page: Page = { events, nextCursor, aggregate, retainedFromVersion: read.retainedFromVersion };
  return { page, source, place };
}

function placeOf(selection: EventSelection): CursorPlace | undefined {
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

/** Versions have no gaps, so the head tells how many events an aggregate has, until retention took some. */
async function countAll(store: EventStore, { filter }: EventSelection, source: EventSource): Promise<number> {
  if (source.kind === 'nothing') return 0;
  if (source.kind === 'log') return store.count(filter);
  const { aggregate } = source;
  const exact: EventFilter = { ...filter, aggregateType: aggregate.type };
  if (looksInside(filter)) return store.count(exact);
  const oldest = await oldestVersion(store, aggregate);
  if (oldest === undefined) return 0;
  const head = await store.currentVersion(aggregate);
  const first = Math.max(filter.fromVersion ?? 1, oldest);
  const last = Math.min(filter.toVersion ?? head, head);
  return Math.max(0, last - first + 1);
}

async function oldestVersion(store: EventStore, aggregate: AggregateRef): Promise<number | undefined> {
  for await (const event of store.readAggregate(aggregate, { limit: 1 })) return event.version;
  return undefined;
}
