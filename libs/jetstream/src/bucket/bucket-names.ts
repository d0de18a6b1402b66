/**
 * Storage names of what the store keeps beside the events, in KV buckets. Changing one loses what is kept under it:
 * statistics are then counted anew, but what retention took could no longer be told from damage.
 */
export const STATS_BUCKET = 'ANNALS_STATS';
export const RETENTION_BUCKET = 'ANNALS_RETENTION';

/** How far a stream's statistics have counted, and the counts. */
export function checkpointKey(stream: string): string {
  return `checkpoint.${stream}`;
}

/** What retention has removed from a stream, and what it is about to. */
export function retentionRecordKey(stream: string): string {
  return `record.${stream}`;
}

/** Held by the one process that sweeps the store of this default stream. */
export function sweeperLeaseKey(defaultStream: string): string {
  return `lease.${defaultStream}`;
}

/** While it is there, no sweeper goes on with the stream. */
export function sweepHoldKey(stream: string): string {
  return `hold.${stream}`;
}

/** Where a document that is too large for one message goes on; `id` tells its writers apart. */
export function partKey(key: string, id: string, index: number): string {
  return `${key}.part.${id}.${index}`;
}
