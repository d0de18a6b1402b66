import type { ResolvedAggregateRef, Snapshot } from '@annals/core';

/** A snapshot as its document holds it. The aggregate is kept as well: a key that was copied is no other's snapshot. */
interface KeptSnapshot extends Omit<Snapshot, 'hash'> {
  readonly format: 1;
  readonly hash?: string;
  /** Of the state as JSON. */
  readonly bytes: number;
}

export function encodeSnapshot(snapshot: Snapshot, bytes: number): KeptSnapshot {
  const { hash, ...rest } = snapshot;
  return { format: 1, ...rest, ...(hash !== undefined && { hash }), bytes };
}

/** The snapshot that a document holds, or what is wrong with it. */
export function decodeSnapshot(
  value: unknown,
  aggregate: ResolvedAggregateRef,
): { readonly snapshot: Snapshot; readonly bytes: number } | { readonly problem: string } {
  const { format, bytes, ...kept } = (value ?? {}) as Partial<KeptSnapshot>;
  if (format !== 1) return { problem: 'its format is unknown' };
  const { version, stateVersion, takenAt, aggregate: of } = kept;
  const isWhole = Number.isSafeInteger(version) && Number.isSafeInteger(stateVersion) && Number.isSafeInteger(bytes);
  if (!isWhole || typeof takenAt !== 'string' || !('state' in kept)) return { problem: 'it lacks a field' };
  if (of?.tenantId !== aggregate.tenantId || of.type !== aggregate.type || of.id !== aggregate.id) {
    return { problem: 'it is of another aggregate' };
  }
  return { snapshot: kept as Snapshot, bytes: bytes! };
}
