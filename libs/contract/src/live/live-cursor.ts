import type { PositionBody } from '../event/event-body.ts';

/** A cursor names at most this many streams. */
export const MAX_CURSOR_STREAMS = 101;

const PLACE = /^([A-Za-z0-9_-]{1,64}):(\d{1,16})$/;

/**
 * The place in the log behind which a live stream goes on: `<stream>:<sequence>` for every stream, joined by commas, for
 * example `EVENTS:17,ORDERS:4`. It is the `id` of the events of `GET /events/live`. A stream that it does not name is read
 * from its beginning.
 *
 * @param positions at most one of each stream
 */
export function writeLiveCursor(positions: Iterable<PositionBody>): string {
  return Array.from(positions, ({ stream, sequence }) => `${stream}:${sequence}`).join(',');
}

/** The positions that a cursor names, or undefined for a text that is no cursor. */
export function readLiveCursor(text: string): readonly PositionBody[] | undefined {
  const places = text.split(',', MAX_CURSOR_STREAMS + 1);
  if (places.length > MAX_CURSOR_STREAMS) return undefined;
  const positions = new Map<string, number>();
  for (const place of places) {
    const [, stream, digits] = PLACE.exec(place) ?? [];
    const sequence = Number(digits);
    if (stream === undefined || !Number.isSafeInteger(sequence) || positions.has(stream)) return undefined;
    positions.set(stream, sequence);
  }
  return Array.from(positions, ([stream, sequence]) => ({ stream, sequence }));
}
