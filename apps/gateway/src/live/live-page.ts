import { type EventFilter, type EventStore, compareTimestamps, storedEvents } from '@annals/core';
import { LiveFrame } from './live-frame.ts';
import type { LivePositions } from './live-positions.ts';

/** A part of what is stored, and where it ends. */
export interface LivePage {
  readonly frames: readonly LiveFrame[];
  /** True when everything that was stored when the page was begun is in it or before it. */
  readonly isLast: boolean;
}

/** Reading is begun anew for each page, so pages are large in events, and small in bytes. */
const PAGE_EVENTS = 1_000;

/** Reads what comes behind the positions: at least one event, then as many as fit into so many bytes. */
export async function readLivePage(
  store: EventStore,
  filter: EventFilter,
  positions: LivePositions,
  maxBytes: number,
  signal: AbortSignal,
): Promise<LivePage> {
  const reached = positions.copy();
  const frames: LiveFrame[] = [];
  let bytes = 0;
  const { store: inner, registry } = storedEvents(store);
  const events = inner.readAll({ ...filter, after: reached.list(), limit: PAGE_EVENTS, signal });
  for await (const event of events) {
    reached.advance(event.position.stream, event.position.sequence);
    const frame = new LiveFrame(event, reached.cursor, registry);
    frames.push(frame);
    bytes += frame.bytes;
    if (bytes >= maxBytes) return { frames, isLast: false };
  }
  return { frames, isLast: frames.length < PAGE_EVENTS };
}

/** The filter of a reading that begins at a time. */
export function sinceTime(filter: EventFilter, recordedFrom: string | undefined): EventFilter {
  return recordedFrom === undefined ? filter : { ...filter, recordedFrom };
}

/** True when the store took the event before the time. */
export function isBefore({ recordedAt }: LiveFrame, recordedFrom: string | undefined): boolean {
  return recordedFrom !== undefined && compareTimestamps(recordedAt, recordedFrom) < 0;
}
