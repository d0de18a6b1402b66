import { type EventStats, type Logger, StoreClosed, statsOf } from '@annals/core';
import type { RequestChannel } from '../connection/request-channel.ts';
import type { RetentionRecords } from '../retention/retention-records.ts';
import type { Topology } from '../topology/topology.ts';
import { Checkpoints } from './checkpoints.ts';
import { StreamStats } from './stream-stats.ts';

export interface StatsProjectionOptions {
  readonly channel: RequestChannel;
  readonly topology: Topology;
  readonly retention: RetentionRecords;
  readonly logger: Logger;
  /** Copies of the bucket that keeps the checkpoints; 1 unless given. */
  readonly replicas?: number | undefined;
  /** Milliseconds between two checkpoints at least; 5,000 unless given. */
  readonly checkpointEveryMs?: number | undefined;
}

/** Exact statistics, counted in this process from headers only. */
export interface StatsProjection {
  /**
   * Counts that include every append acknowledged before the call, of one tenant when it is named. O(1) but for what was
   * appended since it was last asked; the first call of a process goes on where any process left a checkpoint.
   *
   * @throws StoreUnavailable; StoreClosed
   */
  stats(tenantId?: string): Promise<EventStats>;
  /** Keeps how far it is, and lets go of the server's side. Calling it twice is harmless. */
  close(): Promise<void>;
}

/** A checkpoint may take this part of the time, so that a large one is kept less often. */
const CHECKPOINT_SHARE = 1 / 20;

/** Nothing is counted before the first call of `stats`; from then on it keeps up in the background. */
export function createStatsProjection(options: StatsProjectionOptions): StatsProjection {
  return new CountingProjection(options);
}

class CountingProjection implements StatsProjection {
  private readonly streams: readonly StreamStats[];
  private readonly everyMs: number;
  private timer: NodeJS.Timeout | undefined;
  private tick: Promise<void> = Promise.resolve();
  private closing: Promise<void> | undefined;
  private failing = false;

  constructor(private readonly options: StatsProjectionOptions) {
    const { channel, topology, retention, logger, replicas } = options;
    this.everyMs = options.checkpointEveryMs ?? 5_000;
    this.streams = topology.bindings.map((binding) => {
      const checkpoints = new Checkpoints(channel.nc, binding.name, logger, replicas);
      return new StreamStats({ channel, binding, checkpoints, retention, logger });
    });
  }

  async stats(tenantId?: string): Promise<EventStats> {
    if (this.closing) throw new StoreClosed();
    if (!this.timer) this.schedule(this.everyMs);
    return statsOf(await Promise.all(this.streams.map((stream) => stream.catchUp())), tenantId);
  }

  close(): Promise<void> {
    this.closing ??= this.letGo();
    return this.closing;
  }

  private schedule(inMs: number): void {
    this.timer = setTimeout(() => {
      this.tick = this.keepUp().then((tookMs) => {
        if (!this.closing) this.schedule(Math.max(this.everyMs, tookMs / CHECKPOINT_SHARE));
      });
    }, inMs);
    this.timer.unref();
  }

  /** @returns how many milliseconds keeping the checkpoints took */
  private async keepUp(): Promise<number> {
    let tookMs = 0;
    try {
      for (const stream of this.streams) {
        await stream.catchUp();
        const startedAt = performance.now();
        await stream.save();
        tookMs += performance.now() - startedAt;
      }
      this.failing = false;
    } catch (error) {
      if (!this.failing && !this.closing) this.options.logger.warn('statistics fall behind', { error });
      this.failing = true;
    }
    return tookMs;
  }

  private async letGo(): Promise<void> {
    clearTimeout(this.timer);
    for (const stream of this.streams) stream.close();
    await this.tick;
    try {
      if (this.options.channel.connected) await Promise.all(this.streams.map((stream) => stream.save()));
    } catch (error) {
      this.options.logger.warn('the checkpoint of the statistics could not be kept', { error });
    }
  }
}
