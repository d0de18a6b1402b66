import { createHash } from 'node:crypto';
import { DEFAULT_TENANT } from '../event/aggregate-ref.ts';
import { ValidationError } from '../error/validation-error.ts';
import type { AppendPart } from './append.ts';

/**
 * JSON with sorted keys, so that equal values have equal texts.
 *
 * Follows JSON.stringify in what it leaves out (undefined, functions), in calling `toJSON` and in what it throws.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sortKeys(value === undefined ? null : JSON.parse(JSON.stringify(value) ?? 'null')));
}

/**
 * Digest of what a writer gave (base64url SHA-256), without what the store would generate: two calls with the same
 * content have the same hash, whenever they are made, and whether a default is written out or left out.
 *
 * @throws ValidationError when the content is not JSON, or nested deeper than the stack reaches
 */
export function appendContentHash(parts: readonly AppendPart[]): string {
  const content = parts.map(({ aggregate, tenantId, expectedVersion, events }) => ({
    tenantId: aggregate?.tenantId ?? tenantId ?? DEFAULT_TENANT,
    aggregate: aggregate && { type: aggregate.type, id: aggregate.id },
    expectedVersion: aggregate && (expectedVersion ?? 'any'),
    events,
  }));
  return createHash('sha256').update(jsonOf(content)).digest('base64url');
}

function jsonOf(content: unknown): string {
  try {
    return canonicalJson(content);
  } catch (cause) {
    const [reason] = (cause as Error).message.split('\n');
    throw new ValidationError([{ path: 'events', message: `must be JSON: ${reason}` }]);
  }
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  // A null prototype keeps a key called __proto__ as data.
  const sorted: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const key of Object.keys(value).sort()) sorted[key] = sortKeys((value as Record<string, unknown>)[key]);
  return sorted;
}
