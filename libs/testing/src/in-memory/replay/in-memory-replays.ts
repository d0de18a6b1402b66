import {
  type CheckedReplay,
  type Clock,
  IdempotencyKeyReused,
  type MessageIdSource,
  ReplayFinished,
  type ReplayJob,
  type ReplayJobs,
  ReplayNotFound,
  type ReplayPage,
  type ReplayRequest,
  type ReplayState,
  ValidationError,
  checkReplay,
  checkReplayList,
  isReplayOver,
  replayContentHash,
} from '@annals/core';
import type { EventLog } from '../event-log.ts';
import { DrivenReplay } from './driven-replay.ts';
import type { InMemoryTargets } from './in-memory-targets.ts';
import { type ReplayPart, countPart } from './replay-part.ts';

export interface InMemoryReplayParts {
  readonly log: EventLog;
  readonly targets: InMemoryTargets;
  readonly newId: MessageIdSource;
  readonly clock: Clock;
  readonly assertOpen: () => void;
}

/** A job as the store keeps it. */
export interface KeptJob {
  job: ReplayJob;
  readonly part: ReplayPart;
}

/** The replays of an in-memory store, which drives them itself. */
export class InMemoryReplays implements ReplayJobs {
  readonly #jobs = new Map<string, KeptJob>();
  readonly #requests = new Map<string, { readonly id: string; readonly contentHash: string }>();
  readonly #driven = new Map<string, DrivenReplay>();

  constructor(private readonly parts: InMemoryReplayParts) {}

  async start(request: ReplayRequest): Promise<ReplayJob> {
    const { log, targets, newId, assertOpen } = this.parts;
    assertOpen();
    const checked = checkReplay(request);
    const earlier = this.#earlier(checked);
    if (earlier) return earlier;
    const within = await targets.check(checked.target);
    // The same request may have come meanwhile.
    const meanwhile = this.#earlier(checked);
    if (meanwhile) return meanwhile;
    const id = newId();
    const kept: KeptJob = {
      job: this.#newJob(id, checked),
      part: { filter: checked.filter, within, to: log.lastSequence },
    };
    this.#jobs.set(id, kept);
    if (checked.idempotencyKey !== undefined) {
      this.#requests.set(checked.idempotencyKey, { id, contentHash: replayContentHash(checked) });
    }
    const { job } = kept;
    this.#drive(kept);
    return job;
  }

  async list(
    options: {
      readonly states?: readonly ReplayState[] | undefined;
      readonly limit?: number | undefined;
      readonly cursor?: string | undefined;
    } = {},
  ): Promise<ReplayPage> {
    this.parts.assertOpen();
    const { states, limit } = checkReplayList(options);
    const { cursor } = options;
    if (cursor !== undefined && !this.#jobs.has(cursor)) {
      throw new ValidationError([{ path: 'cursor', message: 'must be the nextCursor of an earlier page' }]);
    }
    const ids = [...this.#jobs.keys()].sort().reverse();
    const wanted = ids.filter((id) => cursor === undefined || id < cursor).map((id) => this.#jobs.get(id)!.job);
    const jobs = wanted.filter(({ state }) => states.has(state));
    const page = jobs.slice(0, limit);
    return { jobs: page, ...(jobs.length > limit && { nextCursor: page.at(-1)!.id }) };
  }

  async get(id: string): Promise<ReplayJob> {
    return this.#known(id).job;
  }

  async pause(id: string): Promise<ReplayJob> {
    return this.#halt(id, 'paused');
  }

  async resume(id: string): Promise<ReplayJob> {
    const kept = this.#changeable(id);
    if (kept.job.state !== 'paused') return kept.job;
    const { lastError: _, ...job } = kept.job;
    kept.job = { ...job, state: 'pending', updatedAt: this.#now() };
    this.#drive(kept);
    return kept.job;
  }

  async cancel(id: string): Promise<ReplayJob> {
    return this.#halt(id, 'cancelled');
  }

  /** Finishes the batches in hand. */
  async close(): Promise<void> {
    await Promise.all([...this.#driven.values()].map((driven) => driven.stop(new Error('the store is closed'))));
  }

  #earlier(checked: CheckedReplay): ReplayJob | undefined {
    const { idempotencyKey } = checked;
    const first = idempotencyKey === undefined ? undefined : this.#requests.get(idempotencyKey);
    if (!first) return undefined;
    if (first.contentHash !== replayContentHash(checked)) throw new IdempotencyKeyReused(idempotencyKey!);
    return this.#jobs.get(first.id)!.job;
  }

  #newJob(id: string, { filter, target, ratePerSecond, dryRun }: CheckedReplay): ReplayJob {
    const now = this.#now();
    return {
      id,
      state: 'pending',
      filter,
      target,
      ...(ratePerSecond !== undefined && { ratePerSecond }),
      dryRun,
      createdAt: now,
      updatedAt: now,
      total: 0,
      delivered: 0,
      failed: 0,
      rate: 0,
      checkpoint: [],
      failures: [],
    };
  }

  #halt(id: string, state: 'paused' | 'cancelled'): ReplayJob {
    const known = this.#known(id);
    if (known.job.state === state) return known.job;
    const kept = this.#changeable(id);
    const { etaMs: _, ...job } = kept.job;
    const finished = state === 'cancelled' ? { finishedAt: this.#now() } : {};
    kept.job = { ...job, ...finished, state, rate: 0, updatedAt: this.#now() };
    void this.#driven.get(id)?.stop(new Error(`the replay is ${state}`));
    return kept.job;
  }

  /** Drives the job once the process that drove it before has let it go. */
  #drive(kept: KeptJob): void {
    const { log, targets } = this.parts;
    const { id } = kept.job;
    const before = this.#driven.get(id)?.ended;
    const driven = new DrivenReplay(kept, {
      log,
      targets,
      now: () => this.#now(),
      count: () => countPart(log, kept.part),
    });
    this.#driven.set(id, driven);
    void driven.start(before).then(() => {
      if (this.#driven.get(id) === driven) this.#driven.delete(id);
    });
  }

  #changeable(id: string): KeptJob {
    const kept = this.#known(id);
    if (isReplayOver(kept.job.state)) throw new ReplayFinished(id, kept.job.state);
    return kept;
  }

  #known(id: string): KeptJob {
    this.parts.assertOpen();
    const kept = this.#jobs.get(id);
    if (!kept) throw new ReplayNotFound(String(id));
    return kept;
  }

  #now(): string {
    return new Date(this.parts.clock.now()).toISOString();
  }
}
