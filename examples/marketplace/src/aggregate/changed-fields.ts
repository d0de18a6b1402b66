/**
 * The fields of `changes` that differ from what is there, as a list of one object, or an empty list when none does: an
 * update that changes nothing is no event.
 */
export function changedFields<T extends object>(current: T | undefined, changes: Partial<T>): readonly Partial<T>[] {
  const changed = Object.entries(changes).filter(
    ([field, value]) => value !== undefined && value !== current?.[field as keyof T],
  );
  return changed.length === 0 ? [] : [Object.fromEntries(changed) as Partial<T>];
}
