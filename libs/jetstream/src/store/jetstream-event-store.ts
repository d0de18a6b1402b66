import {
  type AggregateEvents,
  type AggregateHead,
  type AggregateRef,
  type AppendAllOptions,
  type AppendOptions,
  type AppendPart,
  type AppendResult,
  type DeadLetters,
  type EventFilter,
  type EventStats,
  type EventStore,
  type FollowOptions,
  type LoadedAggregate,
  type NewEvent,
  type Position,
  type Processes,
  type Projections,
  type ReadAggregateOptions,
  type ReadAllOptions,
  type RecordedEvent,
  type ReplayJobs,
  StoreClosed,
  type StoreStatus,
  type Snapshots,
  type Subscriptions,
  ValidationError,
  checkAggregate,
  checkFilter,
} from '@annals/core';
import { Appender } from '../append/appender.ts';
import type { CommitCounts } from '../append/stream-committer.ts';
import { StreamFollower } from '../live/stream-follower.ts';
import { AggregateLoader } from '../read/aggregate-loader.ts';
import { AggregateReader, type ReadDependencies } from '../read/aggregate-reader.ts';
import { AggregateTypes } from '../read/aggregate-types.ts';
import { DirectReader } from '../read/direct-reader.ts';
import { PositionTimes } from '../read/position-times.ts';
import { StreamReader } from '../read/stream-reader.ts';
import { RetentionRecords } from '../retention/retention-records.ts';
import { type RetentionSchedule, startRetentionSweep } from '../retention/retention-schedule.ts';
import { HeadReader } from '../read/head-reader.ts';
import { LeaderReader } from '../read/leader-reader.ts';
import { type StatsProjection, createStatsProjection } from '../stats/stats-projection.ts';
import { aggregatePrefix } from '../subject/subject-map.ts';
import { LogServices } from './log-services.ts';
import { readStoreStatus } from './read-store-status.ts';
import type { StoreParts } from './store-parts.ts';

/** The event store on JetStream: hands every call to the part that knows how. */
export class JetStreamEventStore implements EventStore {
  private readonly appender: Appender;
  private readonly aggregates: AggregateReader;
  private readonly loader: AggregateLoader;
  private readonly streams: StreamReader;
  private readonly follower: StreamFollower;
  private readonly types: AggregateTypes;
  private readonly times: PositionTimes;
  private readonly projection: StatsProjection;
  private readonly heads: HeadReader;
  private readonly sweeps: RetentionSchedule | undefined;
  private readonly services: LogServices;
  private closing: Promise<void> | undefined;
  /** Set when the store takes no more calls. */
  private refusing = false;

  constructor(private readonly parts: StoreParts) {
    const { channel, topology, replicas, limits, clock, newMessageId } = parts;
    const leader = new LeaderReader(channel);
    this.heads = new HeadReader(channel);
    this.appender = new Appender({
      ...limits,
      channel,
      leader,
      topology,
      replicas,
      newMessageId,
      nowMs: () => clock.now(),
    });
    const { logger, nc } = parts;
    const copies = Math.max(...replicas.values());
    const retention = new RetentionRecords({ nc, replicas: copies, logger });
    const reading: ReadDependencies = {
      channel,
      topology,
      known: { ofAggregate: (stream, prefix) => this.appender.knownSequence(stream, prefix) },
      retention,
      isReplicated: (stream) => (replicas.get(stream) ?? 1) > 1,
      requestTimeoutMs: limits.requestTimeoutMs,
    };
    this.projection = createStatsProjection({ channel, topology, retention, logger, replicas: copies });
    this.aggregates = new AggregateReader(reading);
    this.loader = new AggregateLoader(this.aggregates, limits.aggregateCacheBytes);
    this.streams = new StreamReader(reading, this.aggregates);
    this.follower = new StreamFollower(reading);
    this.types = new AggregateTypes(channel, topology, retention);
    const direct = new DirectReader(channel, limits.requestTimeoutMs);
    this.times = new PositionTimes(direct, leader, (stream) => topology.bindingOfStream(stream) !== undefined);
    this.sweeps =
      parts.retention && startRetentionSweep({ channel, topology, records: retention, clock, logger }, parts.retention);
    this.services = new LogServices(parts, {
      reading,
      copies,
      follow: this.follow.bind(this),
      readAll: this.streams.readAll.bind(this.streams),
      count: (filter) => this.streams.count(filter),
      appendAll: this.appendAll.bind(this),
      checkOpen: () => this.checkOpen(),
    });
  }

  append(
    aggregate: AggregateRef,
    events: NewEvent | readonly NewEvent[],
    options?: AppendOptions,
  ): Promise<AppendResult> {
    if (aggregate === undefined)
      return Promise.reject(new ValidationError([{ path: 'aggregate', message: 'must be given' }]));
    const list = Array.isArray(events) ? (events as readonly NewEvent[]) : [events as NewEvent];
    return this.appendAll([{ aggregate, events: list, expectedVersion: options?.expectedVersion }], options);
  }

  appendAll(parts: readonly AppendPart[], options?: AppendAllOptions): Promise<AppendResult> {
    return this.follower.noted(this.appender.append(parts, options));
  }

  readAggregate(aggregate: AggregateRef, options?: ReadAggregateOptions): AggregateEvents {
    this.checkOpen();
    return this.aggregates.readAggregate(aggregate, options);
  }

  readAt(aggregate: AggregateRef, timestamp: string, options?: { readonly signal?: AbortSignal }): AggregateEvents {
    this.checkOpen();
    return this.aggregates.readAt(aggregate, timestamp, options);
  }

  async load(
    aggregate: AggregateRef,
    options?: { readonly cache?: boolean; readonly maxEvents?: number },
  ): Promise<LoadedAggregate> {
    this.checkOpen();
    return this.loader.load(aggregate, options);
  }

  async head(aggregate: AggregateRef): Promise<AggregateHead | undefined> {
    this.checkOpen();
    const resolved = checkAggregate(aggregate);
    const binding = this.parts.topology.bindingOf(resolved.type);
    const head = await this.heads.head(binding, aggregatePrefix(binding.prefix, resolved));
    if (!head) return undefined;
    const position = { stream: binding.name, sequence: head.sequence };
    return { aggregate: resolved, version: head.version, position };
  }

  async exists(aggregate: AggregateRef): Promise<boolean> {
    return (await this.head(aggregate)) !== undefined;
  }

  async currentVersion(aggregate: AggregateRef): Promise<number> {
    return (await this.head(aggregate))?.version ?? 0;
  }

  async aggregateTypesOf(aggregateId: string, tenantId?: string): Promise<readonly string[]> {
    this.checkOpen();
    return this.types.of(aggregateId, tenantId);
  }

  readAll(options?: ReadAllOptions): AsyncIterable<RecordedEvent> {
    this.checkOpen();
    return this.streams.readAll(options);
  }

  follow(filter?: EventFilter, options?: FollowOptions): AsyncIterable<RecordedEvent> {
    return this.follower.follow(filter, options);
  }

  get subscriptions(): Subscriptions {
    return this.services.subscriptions;
  }

  get deadLetters(): DeadLetters {
    return this.services.deadLetters;
  }

  get snapshots(): Snapshots {
    return this.services.snapshots;
  }

  get replays(): ReplayJobs {
    return this.services.replaying.jobs;
  }

  get processes(): Processes {
    return this.services.processes;
  }

  get projections(): Projections {
    return this.services.projections;
  }

  async count(filter?: EventFilter & Pick<ReadAllOptions, 'after'>): Promise<number> {
    this.checkOpen();
    return this.streams.count(filter);
  }

  async recordedAt(positions: readonly Position[]): Promise<readonly (string | undefined)[]> {
    this.checkOpen();
    return this.times.recordedAt(positions);
  }

  async stats(options?: { readonly tenantId?: string }): Promise<EventStats> {
    this.checkOpen();
    checkFilter({ tenantId: options?.tenantId });
    return this.projection.stats(options?.tenantId);
  }

  status(): Promise<StoreStatus> {
    if (this.closing)
      return Promise.resolve({ state: 'closed', reason: 'the store is closed', streams: [], durability: '' });
    const { channel, jsm, topology } = this.parts;
    return readStoreStatus(channel, jsm, topology, this.services.subscriptions);
  }

  /** What group commit did since the store was opened, by stream: for benchmarks. Not part of the port. */
  commitCounts(): ReadonlyMap<string, CommitCounts> {
    return this.appender.counts();
  }

  close(): Promise<void> {
    this.closing ??= this.letGo();
    return this.closing;
  }

  private async letGo(): Promise<void> {
    const { channel, nc, ownsConnection } = this.parts;
    // What still calls handlers comes first: until they have finished they may read and append.
    if (this.services.isHandling) await this.services.stopHandling();
    this.refusing = true;
    const appended = this.appender.close();
    await this.services.stopHandling();
    this.follower.close();
    await this.services.replaying.close();
    await appended;
    await this.sweeps?.close();
    await this.projection.close();
    channel.close();
    if (ownsConnection) await nc.close();
  }

  private checkOpen(): void {
    if (this.refusing) throw new StoreClosed();
  }
}
