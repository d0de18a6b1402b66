import {
  type CheckedReplay,
  type Clock,
  type MessageIdSource,
  ReplayFinished,
  type ReplayJob,
  type ReplayJobs,
  type ReplayPage,
  type ReplayRequest,
  type ReplayState,
  StoreUnavailable,
  type SubscriptionFilter,
  ValidationError,
  checkReplay,
  checkReplayList,
  isReplayOver,
  replayContentHash,
} from '@annals/core';
import type { RequestChannel } from '../connection/request-channel.ts';
import { LeaderReader } from '../read/leader-reader.ts';
import { sequenceRange } from '../read/sequence-range.ts';
import type { Topology } from '../topology/topology.ts';
import type { ReplayDriver } from './replay-driver.ts';
import { type ReplayRange, type ReplayRecord, jobOf } from './replay-record.ts';
import type { ReplayRecords } from './replay-records.ts';
import type { ReplayTargets } from './replay-targets.ts';

export interface ReplayJobsParts {
  readonly channel: RequestChannel;
  readonly topology: Topology;
  readonly records: ReplayRecords;
  readonly targets: ReplayTargets;
  /** Undefined where this process drives no jobs. */
  readonly driver: ReplayDriver | undefined;
  readonly newId: MessageIdSource;
  readonly clock: Clock;
  readonly checkOpen: () => void;
}

/** Jobs that are not over, all states together. */
const MAX_OPEN = 1_000;
const READ_AT_A_TIME = 50;
const ID = /^[0-9A-HJKMNP-TV-Z]{26}$/;

/** Replay jobs, kept in a bucket: any process starts and steers them, those that drive find them there. */
export class JetStreamReplayJobs implements ReplayJobs {
  private readonly leader: LeaderReader;

  constructor(private readonly parts: ReplayJobsParts) {
    this.leader = new LeaderReader(parts.channel);
  }

  async start(request: ReplayRequest): Promise<ReplayJob> {
    const { records, targets, driver, newId, checkOpen } = this.parts;
    checkOpen();
    const checked = checkReplay(request);
    let id = newId();
    if (checked.idempotencyKey !== undefined) {
      id = await records.idFor(checked.idempotencyKey, replayContentHash(checked), id);
      const first = await records.find(id);
      if (first) return jobOf(first.record);
    }
    const within = await targets.check(checked.target);
    const { driven, idle } = await records.open();
    if (driven.length + idle.length >= MAX_OPEN) {
      throw new StoreUnavailable(`${MAX_OPEN} replays are not over yet: wait for some, or cancel them`);
    }
    const { record } = await records.create(await this.newRecord(id, checked, within));
    driver?.wake();
    return jobOf(record);
  }

  async list(options?: {
    readonly states?: readonly ReplayState[] | undefined;
    readonly limit?: number | undefined;
    readonly cursor?: string | undefined;
  }): Promise<ReplayPage> {
    const { records, checkOpen } = this.parts;
    checkOpen();
    const { states, limit } = checkReplayList(options);
    const cursor = options?.cursor;
    if (cursor !== undefined && !ID.test(cursor)) {
      throw new ValidationError([{ path: 'cursor', message: 'must be the nextCursor of an earlier page' }]);
    }
    const ids = (await records.ids()).filter((id) => cursor === undefined || id < cursor);
    const jobs: ReplayJob[] = [];
    for (let at = 0; at < ids.length; at += READ_AT_A_TIME) {
      const found = await Promise.all(ids.slice(at, at + READ_AT_A_TIME).map((id) => records.find(id)));
      for (const kept of found) {
        if (!kept || !states.has(kept.record.state)) continue;
        if (jobs.length === limit) return { jobs, nextCursor: jobs.at(-1)!.id };
        jobs.push(jobOf(kept.record));
      }
    }
    return { jobs };
  }

  async get(id: string): Promise<ReplayJob> {
    this.parts.checkOpen();
    return jobOf((await this.parts.records.get(id)).record);
  }

  pause(id: string): Promise<ReplayJob> {
    return this.change(id, 'paused', (record) => (record.state === 'paused' ? undefined : { state: 'paused' }));
  }

  async resume(id: string): Promise<ReplayJob> {
    const job = await this.change(id, 'pending', (record) =>
      record.state === 'paused' ? { state: 'pending', lastError: undefined } : undefined,
    );
    this.parts.driver?.wake();
    return job;
  }

  cancel(id: string): Promise<ReplayJob> {
    const finishedAt = this.now();
    return this.change(id, 'cancelled', () => ({ state: 'cancelled', finishedAt }));
  }

  private async change(
    id: string,
    wanted: ReplayState,
    update: (
      record: ReplayRecord,
    ) => { readonly [Field in keyof ReplayRecord]?: ReplayRecord[Field] | undefined } | undefined,
  ): Promise<ReplayJob> {
    this.parts.checkOpen();
    const { record } = await this.parts.records.change(id, (found) => {
      if (found.state === wanted) return undefined;
      if (isReplayOver(found.state)) throw new ReplayFinished(found.id, found.state);
      const changes = update(found);
      if (!changes) return undefined;
      const { etaMs: _, lastError, ...rest } = found;
      const kept = 'lastError' in changes || lastError === undefined ? {} : { lastError };
      const { lastError: __, ...own } = changes;
      return { ...rest, ...kept, ...own, rate: 0, updatedAt: this.now() } as ReplayRecord;
    });
    return jobOf(record);
  }

  private async newRecord(
    id: string,
    request: CheckedReplay,
    within: SubscriptionFilter | undefined,
  ): Promise<ReplayRecord> {
    const { filter, target, ratePerSecond, dryRun } = request;
    const now = this.now();
    return {
      format: 1,
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
      ranges: await this.ranges({ ...within, ...filter }),
      ...(within && Object.keys(within).length > 0 && { within }),
      counted: false,
      term: 0,
    };
  }

  /** What is stored now: what is appended from here on is none of the job's. */
  private async ranges(filter: ReplayRecord['filter']): Promise<readonly ReplayRange[]> {
    const { channel, topology } = this.parts;
    const { aggregateType } = filter;
    const bindings = aggregateType === undefined ? topology.bindings : [topology.bindingOf(aggregateType)];
    return Promise.all(
      bindings.map(async ({ name }) => ({
        stream: name,
        ...(await sequenceRange(channel, this.leader, name, filter)),
      })),
    );
  }

  private now(): string {
    return new Date(this.parts.clock.now()).toISOString();
  }
}
