/**
 * Storage names of replay jobs. Changing one forgets the jobs that are there.
 *
 * `store` is the name of the default stream: stores in one account do not mix.
 */
export const REPLAY_BUCKET = 'ANNALS_REPLAYS';

/** A job: what was asked for, and how far it is. */
export function jobKey(store: string, id: string): string {
  return `job.${store}.${id}`;
}

/** Of all jobs. */
export function jobFilter(store: string): string {
  return `job.${store}.*`;
}

/** There as long as the job is not over, so that drivers find it without reading those that are. */
export function openKey(store: string, id: string): string {
  return `run.${store}.${id}.open`;
}

/** Held by the one process that drives the job. */
export function leaseKey(store: string, id: string): string {
  return `run.${store}.${id}.lease`;
}

/** The two keys above, of all jobs. */
export function runFilter(store: string): string {
  return `run.${store}.*.*`;
}

/** Which job a key of {@link runFilter} is of, and which of the two it is. */
export function parseRunKey(key: string): { readonly id: string; readonly kind: string } {
  const [id, kind] = key.split('.').slice(-2) as [string, string];
  return { id, kind };
}

/** Which job an idempotency key has started. @param digest of the key: a key may hold anything */
export function requestKey(store: string, digest: string): string {
  return `request.${store}.${digest}`;
}

/** The id in a job's key. */
export function idInJobKey(key: string): string {
  return key.slice(key.lastIndexOf('.') + 1);
}

/** The durable consumer that brings a job's events out of one stream. @param term counts the processes that drove it */
export function replayDurableName(id: string, term: number): string {
  return `replay-${id}-${term}`;
}
