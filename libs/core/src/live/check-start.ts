import { type ValidationProblem, ValidationError } from '../error/validation-error.ts';
import type { Position } from '../event/event-message.ts';
import { toUtcTimestamp } from '../time/timestamp.ts';
import type { StartFrom } from './follow-options.ts';

/** A start whose positions are a list and whose time is in UTC. */
export type CheckedStart =
  'beginning' | 'now' | { readonly after: readonly Position[] } | { readonly recordedFrom: string };

/**
 * Checks where to begin.
 *
 * @param path of the value, for problems
 * @throws ValidationError
 */
export function checkStart(start: StartFrom, path = 'from'): CheckedStart {
  const problems: ValidationProblem[] = [];
  const checked = startOf(start, path, problems);
  if (problems.length > 0 || checked === undefined) throw new ValidationError(problems);
  return checked;
}

/** As {@link checkStart}, adding to a list of problems; undefined when there was one. */
export function startOf(start: unknown, path: string, problems: ValidationProblem[]): CheckedStart | undefined {
  if (start === 'beginning' || start === 'now') return start;
  if (typeof start === 'object' && start !== null && Object.keys(start).length === 1) {
    if ('after' in start) return afterOf(start.after, path, problems);
    if ('recordedFrom' in start) return recordedFromOf(start.recordedFrom, path, problems);
  }
  const message = "must be 'beginning', 'now', { after: position } or { recordedFrom: time }";
  problems.push({ path, message });
  return undefined;
}

/**
 * Refuses positions in streams that the store has not: what is misspelt would be a start at the beginning of all.
 *
 * @param streams names of the store's streams
 * @param path of the start, for problems
 * @throws ValidationError
 */
export function checkStartStreams(start: CheckedStart, streams: readonly string[], path = 'from'): void {
  if (typeof start === 'string' || !('after' in start)) return;
  const unknown = start.after.filter(({ stream }) => !streams.includes(stream));
  if (unknown.length === 0) return;
  const message = `names a stream that the store has not; it has ${streams.join(', ')}`;
  throw new ValidationError(
    unknown.map(({ stream }) => ({ path: `${path}.after`, message: `${message}, not ${stream}` })),
  );
}

function afterOf(after: unknown, path: string, problems: ValidationProblem[]): CheckedStart | undefined {
  const list: unknown[] = Array.isArray(after) ? after : [after];
  const before = problems.length;
  const streams = new Set<unknown>();
  const positions = list.map((value, i) => {
    const position = value as Partial<Position> | null | undefined;
    const at = Array.isArray(after) ? `${path}.after.${i}` : `${path}.after`;
    if (typeof position?.stream !== 'string' || position.stream === '') {
      problems.push({ path: `${at}.stream`, message: 'must be the name of a stream' });
    } else if (streams.has(position.stream)) problems.push({ path: `${at}.stream`, message: 'is named twice' });
    streams.add(position?.stream);
    if (!(Number.isSafeInteger(position?.sequence) && position!.sequence! >= 0)) {
      problems.push({ path: `${at}.sequence`, message: 'must be a whole number from 0' });
    }
    return { stream: position?.stream ?? '', sequence: position?.sequence ?? 0 };
  });
  return problems.length === before ? { after: positions } : undefined;
}

function recordedFromOf(time: unknown, path: string, problems: ValidationProblem[]): CheckedStart | undefined {
  const utc = typeof time === 'string' ? toUtcTimestamp(time) : undefined;
  if (utc !== undefined) return { recordedFrom: utc };
  problems.push({ path: `${path}.recordedFrom`, message: 'must be an ISO 8601 date and time with Z or an offset' });
  return undefined;
}
