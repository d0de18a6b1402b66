import { type CheckedStart, type StartFrom, ValidationError, checkStart } from '@annals/core';

/** More streams than this no store has. */
const MAX_POSITIONS = 100;

/** A start as a client sends it. @param path of the value, for problems. @throws ValidationError */
export function readStart(value: unknown, path: string): CheckedStart {
  if (value === undefined) throw new ValidationError([{ path, message: 'must be given' }]);
  refuseTooManyPositions(value, path);
  return checkStart(value as StartFrom, path);
}

/** @throws ValidationError where a start names more positions than there can be streams */
export function refuseTooManyPositions(value: unknown, path: string): void {
  const after = (value as { readonly after?: unknown } | null | undefined)?.after;
  if (!Array.isArray(after) || after.length <= MAX_POSITIONS) return;
  throw new ValidationError([{ path: `${path}.after`, message: `must be at most ${MAX_POSITIONS} positions` }]);
}
