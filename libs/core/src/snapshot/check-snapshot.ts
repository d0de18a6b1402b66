import { type ValidationProblem, ValidationError } from '../error/validation-error.ts';
import { checkAggregate } from '../read/check-read.ts';
import { toUtcTimestamp } from '../time/timestamp.ts';
import type { Snapshot } from './snapshot.ts';

/** A state takes at most this many bytes as JSON. */
export const MAX_SNAPSHOT_BYTES = 32 * 1024 * 1024;
const MAX_LIMIT = 1_000;
const DEFAULT_LIMIT = 100;

/**
 * Checks a snapshot and fills in the tenant.
 *
 * @returns the snapshot, and its state as JSON
 * @throws ValidationError with every problem
 */
export function checkSnapshot(snapshot: Snapshot): { readonly snapshot: Snapshot; readonly json: string } {
  const aggregate = checkAggregate(snapshot.aggregate);
  const problems: ValidationProblem[] = [];
  for (const field of ['version', 'stateVersion'] as const) {
    if (!(Number.isSafeInteger(snapshot[field]) && snapshot[field] >= 1)) {
      problems.push({ path: field, message: 'must be a whole number from 1' });
    }
  }
  const takenAt = toUtcTimestamp(snapshot.takenAt);
  if (takenAt === undefined) problems.push({ path: 'takenAt', message: 'must be an ISO 8601 date and time' });
  const json = jsonOf(snapshot.state);
  if (json === undefined) problems.push({ path: 'state', message: 'must be a JSON value' });
  else if (Buffer.byteLength(json) > MAX_SNAPSHOT_BYTES) {
    problems.push({ path: 'state', message: `must take at most ${MAX_SNAPSHOT_BYTES} bytes as JSON` });
  }
  if (problems.length > 0) throw new ValidationError(problems);
  return { snapshot: { ...snapshot, aggregate, takenAt: takenAt! }, json: json! };
}

/** Whether a snapshot is to take the place of another. */
export function supersedes(
  next: Pick<Snapshot, 'version' | 'stateVersion'>,
  last: Pick<Snapshot, 'version' | 'stateVersion'>,
): boolean {
  if (next.stateVersion !== last.stateVersion) return next.stateVersion > last.stateVersion;
  return next.version > last.version;
}

/** The size of a page. @throws ValidationError */
export function pageLimit(limit: number = DEFAULT_LIMIT): number {
  if (Number.isSafeInteger(limit) && limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new ValidationError([{ path: 'limit', message: `must be a whole number from 1 to ${MAX_LIMIT}` }]);
}

/** The sequence that a page begins behind; 0 for the first. @throws ValidationError */
export function pageCursor(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  throw new ValidationError([{ path: 'cursor', message: 'must be one that an earlier page gave' }]);
}

function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
