import type { InstanceRef } from '@annals/core';
import { keyToken, nameInKey } from '../projection/projection-names.ts';

/**
 * Storage names of process managers. Changing one loses their instances and timers.
 *
 * `store` is the name of the default stream: stores in one account do not mix.
 */
export const PROCESS_BUCKET = 'ANNALS_PROCESSES';

/** Every event up to there has been decided upon. */
export function checkpointKey(store: string, process: string): string {
  return `checkpoint.${store}.${keyToken(process)}`;
}

/** What the one who runs it said last. */
export function publishedKey(store: string, process: string): string {
  return `published.${store}.${keyToken(process)}`;
}

/** Of all processes. */
export function publishedFilter(store: string): string {
  return `published.${store}.*`;
}

/** Held by the one who runs it. */
export function turnKey(store: string, process: string): string {
  return `turn.${store}.${keyToken(process)}`;
}

/** An instance from which something may still come. */
export function liveKey(store: string, process: string, ref: InstanceRef): string {
  return `live.${placeKey(store, process, ref)}`;
}

/** An instance that is over and settled: it goes away after its time. */
export function overKey(store: string, process: string, ref: InstanceRef): string {
  return `over.${placeKey(store, process, ref)}`;
}

export function instanceFilter(kind: 'live' | 'over', store: string, process: string): string {
  return `${kind}.${store}.${keyToken(process)}.*.*`;
}

/** What tells an instance's keys from those of the process's other instances. */
export function placeInKey(key: string): string {
  return key.split('.').slice(-2).join('.');
}

export function refOfPlace(place: string): InstanceRef {
  const [tenant = '', key = ''] = place.split('.');
  return { tenantId: nameInKey(tenant), key: nameInKey(key) };
}

function placeKey(store: string, process: string, { tenantId, key }: InstanceRef): string {
  return [store, keyToken(process), keyToken(tenantId), keyToken(key)].join('.');
}
