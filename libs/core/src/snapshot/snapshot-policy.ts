import { type ValidationProblem, ValidationError } from '../error/validation-error.ts';

/** When a snapshot is taken: as soon as one of these says so, when the aggregate is loaded, by itself or for a command, outside of the caller's path. */
export interface SnapshotPolicy {
  /** So many events after the last snapshot; 100 unless another rule is given. */
  readonly everyEvents?: number | undefined;
  /** When the last snapshot is older than this and there are newer events. */
  readonly maxAgeMs?: number | undefined;
}

const DEFAULT_EVERY = 100;

/** @throws ValidationError */
export function checkSnapshotPolicy(policy: SnapshotPolicy): SnapshotPolicy {
  const { everyEvents, maxAgeMs } = policy;
  const problems: ValidationProblem[] = [];
  if (everyEvents !== undefined && !(Number.isSafeInteger(everyEvents) && everyEvents >= 1)) {
    problems.push({ path: 'snapshots.everyEvents', message: 'must be a whole number from 1' });
  }
  if (maxAgeMs !== undefined && !(Number.isSafeInteger(maxAgeMs) && maxAgeMs >= 1)) {
    problems.push({ path: 'snapshots.maxAgeMs', message: 'must be a number of milliseconds from 1' });
  }
  if (problems.length > 0) throw new ValidationError(problems);
  return everyEvents === undefined && maxAgeMs === undefined ? { everyEvents: DEFAULT_EVERY } : policy;
}

/**
 * Whether a snapshot is due.
 *
 * @param last the snapshot that is there, if any
 * @param version of the state that could be kept
 */
export function isSnapshotDue(
  policy: SnapshotPolicy,
  last: { readonly version: number; readonly takenAt: string } | undefined,
  version: number,
  nowMs: number,
): boolean {
  const since = version - (last?.version ?? 0);
  if (since <= 0) return false;
  if (policy.everyEvents !== undefined && since >= policy.everyEvents) return true;
  if (policy.maxAgeMs === undefined) return false;
  return last === undefined || nowMs - Date.parse(last.takenAt) >= policy.maxAgeMs;
}
