import { keyToken } from './projection-names.ts';

/**
 * Storage names of read models of documents. Changing one loses them: they are then built anew.
 *
 * `store` is the name of the default stream: stores in one account do not mix.
 */
export const READ_MODEL_BUCKET = 'ANNALS_READ_MODELS';
/** The stream behind the bucket (ADR-8 of NATS). */
export const READ_MODEL_STREAM = `KV_${READ_MODEL_BUCKET}`;

/** Which generations a projection has, and which is in use. */
export function catalogueKey(store: string, name: string): string {
  return `generations.${store}.${keyToken(name)}`;
}

/** How far a generation is. */
export function checkpointKey(store: string, name: string, generation: number): string {
  return `checkpoint.${store}.${keyToken(name)}.${generation}`;
}

/** A document: plain JSON. */
export function documentKey(store: string, name: string, generation: number, key: string): string {
  return `document.${store}.${keyToken(name)}.${generation}.${keyToken(key)}`;
}

/** The subject of a key in the bucket's stream. */
export function readModelSubject(key: string): string {
  return `$KV.${READ_MODEL_BUCKET}.${key}`;
}

/** The subjects of all documents of a generation. */
export function generationFilter(store: string, name: string, generation: number): string {
  return readModelSubject(`document.${store}.${keyToken(name)}.${generation}.*`);
}
