import {
  type AppendResult,
  type PreparedAppend,
  BatchTooLarge,
  IdempotencyKeyReused,
  MAX_BATCH_EVENTS,
} from '@annals/core';

interface Marker {
  readonly contentHash: string;
  readonly result: AppendResult;
  readonly expiresAtMs: number;
}

/** Under what an append is remembered: a key of the caller's, or the first of the message ids; the two never meet. */
export interface MarkerKey {
  readonly tenantId: string;
  readonly kind: 'key' | 'ids';
  readonly name: string;
}

/**
 * The key of an append, undefined when it has none.
 *
 * Where an expectation names no version, message ids given by the writer serve as the key: nothing else would tell a
 * repetition.
 *
 * @throws BatchTooLarge for 1,000 events with a key: JetStream keeps the marker in the same batch
 */
export function markerKey({ parts, idsGiven, idempotencyKey, eventCount }: PreparedAppend): MarkerKey | undefined {
  const [{ tenantId, events }] = parts as [PreparedAppend['parts'][number]];
  const namesNoVersion = parts.some(
    ({ aggregate, expectedVersion }) => aggregate && (expectedVersion === 'any' || expectedVersion === 'exists'),
  );
  const implicit = idsGiven && namesNoVersion ? events[0]!.messageId : undefined;
  const name = idempotencyKey ?? implicit;
  if (name === undefined) return undefined;
  if (eventCount >= MAX_BATCH_EVENTS) throw new BatchTooLarge(MAX_BATCH_EVENTS - 1, eventCount);
  return { tenantId, kind: idempotencyKey === undefined ? 'ids' : 'key', name };
}

/** Remembers what was appended under which key, for a while. */
export class IdempotencyMarkers {
  readonly #markers = new Map<string, Marker>();

  constructor(
    private readonly ttlMs: number,
    private readonly now: () => number,
  ) {}

  /**
   * What was appended under the key, or undefined.
   *
   * @throws IdempotencyKeyReused when it was other content
   */
  find(key: MarkerKey, contentHash: string): AppendResult | undefined {
    const place = placeOf(key);
    const marker = this.#markers.get(place);
    if (!marker) return undefined;
    if (marker.expiresAtMs <= this.now()) {
      this.#markers.delete(place);
      return undefined;
    }
    if (marker.contentHash !== contentHash) throw new IdempotencyKeyReused(key.name);
    return marker.result;
  }

  keep(key: MarkerKey, contentHash: string, result: AppendResult): void {
    this.#markers.set(placeOf(key), { contentHash, result, expiresAtMs: this.now() + this.ttlMs });
  }
}

function placeOf({ tenantId, kind, name }: MarkerKey): string {
  return JSON.stringify([tenantId, kind, name]);
}
