import type { ReplayJob, SubscriptionFilter } from '@annals/core';

/** The part of a stream that a job is about, both ends inclusive: fixed when it is created. */
export interface ReplayRange {
  readonly stream: string;
  readonly from: number;
  readonly to: number;
}

/** A job as it is kept. */
export interface ReplayRecord extends ReplayJob {
  readonly format: 1;
  readonly ranges: readonly ReplayRange[];
  /** Only events that this matches too: the filter of the subscription that is the target. */
  readonly within?: SubscriptionFilter;
  /** False until `total` is known. */
  readonly counted: boolean;
  /** How many processes have driven it; whoever knows a lower number drives it no longer. */
  readonly term: number;
}

export function encodeRecord(record: ReplayRecord): string {
  return JSON.stringify(record);
}

/** Undefined for what is damaged, or kept by a newer version in a form that this one does not know: it is left alone. */
export function decodeRecord(bytes: Uint8Array): ReplayRecord | undefined {
  try {
    const record = JSON.parse(Buffer.from(bytes).toString('utf8')) as ReplayRecord;
    return record.format === 1 ? record : undefined;
  } catch {
    return undefined;
  }
}

/** What callers see of it. */
export function jobOf({ format, ranges, within, counted, term, ...job }: ReplayRecord): ReplayJob {
  return job;
}
