import type { RecordedEvent } from '../event/event-message.ts';

/**
 * The reducer that is used where none is registered: `data` is a JSON Merge Patch (RFC 7396) to the state, and a type
 * that ends in `.deleted` marks the state with `isDeleted` and `deletedAt`.
 */
export function mergePatchReducer(state: unknown, event: RecordedEvent): unknown {
  const patched = mergePatch(state, event.data);
  if (!event.type.endsWith('.deleted')) return patched;
  return { ...(isObject(patched) ? patched : {}), isDeleted: true, deletedAt: event.timestamp };
}

/** RFC 7396: null removes, objects merge, everything else replaces. Neither argument is changed. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result: Record<string, unknown> = Object.assign(Object.create(null) as object, isObject(target) ? target : {});
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return { ...result };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
