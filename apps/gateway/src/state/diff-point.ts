import { type RecordedEvent, compareTimestamps, toUtcTimestamp } from '@annals/core';

/** One end of a diff: the state at a version (0: before the first event) or at a time. */
export type DiffPoint = { readonly version: number } | { readonly asOf: string };

/** Reads a version or a time; undefined for what is neither. */
export function readPoint(text: unknown): DiffPoint | undefined {
  if (typeof text !== 'string') return undefined;
  if (/^\d+$/.test(text)) {
    const version = Number(text);
    return Number.isSafeInteger(version) ? { version } : undefined;
  }
  const asOf = toUtcTimestamp(text);
  return asOf === undefined ? undefined : { asOf };
}

/** True when the event is in the state at this point. */
export function isIn(point: DiffPoint | undefined, event: RecordedEvent): boolean {
  if (point === undefined) return true;
  if ('version' in point) return event.version! <= point.version;
  return compareTimestamps(event.timestamp, point.asOf) <= 0;
}
