import { type LiveStart, MAX_CURSOR_CHARACTERS, readLiveCursor } from '@annals/contract';
import { type StartFrom, ValidationError, toUtcTimestamp } from '@annals/core';

/** Where a live client wants to begin, checked. */
export type CheckedLiveStart =
  Exclude<StartFrom, { after: unknown }> | { readonly after: LivePlaces; readonly recordedFrom?: string | undefined };

/** At most one for each stream. */
export type LivePlaces = readonly { readonly stream: string; readonly sequence: number }[];

/** @param path of the value, for problems. @throws ValidationError */
export function checkLiveStart(start: LiveStart | undefined, path: string): CheckedLiveStart {
  if (start === undefined || start === 'now' || start === 'beginning') return start ?? 'now';
  if (typeof start === 'object' && start !== null && Object.keys(start).length === 1) {
    if ('after' in start) return { after: placesOf(start.after, `${path}.after`) };
    if ('recordedFrom' in start) return { recordedFrom: momentOf(start.recordedFrom, `${path}.recordedFrom`) };
  }
  throw refused(path, 'must be "now", "beginning", { "after": cursor } or { "recordedFrom": time }');
}

/** The places of a cursor. @throws ValidationError */
export function placesOf(cursor: unknown, path: string): LivePlaces {
  const known = typeof cursor === 'string' && cursor.length <= 2 * MAX_CURSOR_CHARACTERS;
  const places = known ? readLiveCursor(cursor) : undefined;
  if (places) return places;
  throw refused(path, 'must be the id of a live event, like EVENTS:17, with all its streams');
}

function momentOf(time: unknown, path: string): string {
  const utc = toUtcTimestamp(time);
  if (utc !== undefined) return utc;
  throw refused(path, 'must be an ISO 8601 date and time with Z or an offset');
}

function refused(path: string, message: string): ValidationError {
  return new ValidationError([{ path, message }]);
}
