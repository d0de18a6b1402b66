import { type AppendResult, IdempotencyKeyReused } from '@annals/core';

interface Marker {
  readonly contentHash: string;
  readonly result: AppendResult;
  readonly expiresAtMs: number;
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
  find(tenantId: string, key: string, contentHash: string): AppendResult | undefined {
    const name = markerName(tenantId, key);
    const marker = this.#markers.get(name);
    if (!marker) return undefined;
    if (marker.expiresAtMs <= this.now()) {
      this.#markers.delete(name);
      return undefined;
    }
    if (marker.contentHash !== contentHash) throw new IdempotencyKeyReused(key);
    return marker.result;
  }

  keep(tenantId: string, key: string, contentHash: string, result: AppendResult): void {
    this.#markers.set(markerName(tenantId, key), { contentHash, result, expiresAtMs: this.now() + this.ttlMs });
  }
}

function markerName(tenantId: string, key: string): string {
  return JSON.stringify([tenantId, key]);
}
