import type { PatchOperation } from '@annals/contract';
import jsonPatch from 'fast-json-patch';

/**
 * The JSON Patch (RFC 6902) that makes one JSON value of another. Lists are compared place by place: that takes time in
 * proportion to their length, while the shortest patch would take its square.
 */
export function patchBetween(before: unknown, after: unknown): readonly PatchOperation[] {
  // The library compares texts as if they were lists, and an empty list with an empty object.
  if (isTree(before) && isTree(after) && Array.isArray(before) === Array.isArray(after))
    return jsonPatch.compare(before, after) as PatchOperation[];
  return before === after ? [] : [{ op: 'replace', path: '', value: after }];
}

function isTree(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
