import type { ReplayJob } from '@annals/core';
import type { ReplayJobBody } from '@annals/contract';
import { eventBody } from '../read/event-body.ts';
import { targetBody } from './replay-target.ts';

const FINISHED: ReadonlySet<string> = new Set(['completed', 'cancelled', 'failed'] satisfies ReplayJob['state'][]);

/** A job as the gateway answers with it. Absent fields are undefined here and left out of the JSON. */
export function replayJobBody(job: ReplayJob): ReplayJobBody {
  return {
    id: job.id,
    state: job.state,
    inProgress: !FINISHED.has(job.state),
    pattern: job.filter.eventTypes?.join(',') ?? '>',
    eventCount: job.total,
    successCount: job.delivered,
    failureCount: job.failed,
    filter: job.filter,
    target: targetBody(job.target),
    ratePerSecond: job.ratePerSecond,
    dryRun: job.dryRun,
    createdAt: job.createdAt,
    startedAt: job.startedAt,
    finishedAt: job.finishedAt,
    updatedAt: job.updatedAt,
    total: job.total,
    delivered: job.delivered,
    failed: job.failed,
    rate: job.rate,
    etaMs: job.etaMs,
    checkpoint: job.checkpoint,
    lastError: job.lastError,
    failures: job.failures,
    results: job.results,
    sample: job.sample?.map(eventBody),
    file: job.file,
  } as ReplayJobBody;
}
