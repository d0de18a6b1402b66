import { decodeToken, encodeToken } from '../subject/subject-map.ts';

/**
 * Storage names of projections. Changing one forgets what operators want of them; read models that live in another database
 * are not concerned.
 *
 * `store` is the name of the default stream: stores in one account do not mix.
 */
export const PROJECTION_BUCKET = 'ANNALS_PROJECTIONS';

/** What the process that runs a projection said last. */
export function publishedKey(store: string, name: string): string {
  return `published.${store}.${keyToken(name)}`;
}

/** Of all projections. */
export function publishedFilter(store: string): string {
  return `published.${store}.*`;
}

/** What operators want of it. */
export function wantedKey(store: string, name: string): string {
  return `wanted.${store}.${keyToken(name)}`;
}

/** Held by the one process that runs it. */
export function turnKey(store: string, name: string): string {
  return `turn.${store}.${keyToken(name)}`;
}

/** The projection that a key is of. */
export function nameInKey(key: string): string {
  const token = key.slice(key.lastIndexOf('.') + 1);
  return decodeToken(token.replaceAll('=', '%')) ?? token;
}

/** Keys of a bucket may hold `=` but no `%`. */
export function keyToken(text: string): string {
  return encodeToken(text).replaceAll('%', '=');
}
