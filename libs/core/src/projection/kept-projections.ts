import { ValidationError } from '../error/validation-error.ts';
import type { Logger } from '../logging/logger.ts';
import type { Clock } from '../time/clock.ts';
import { type Projection, defineProjection } from './define-projection.ts';
import type { DocumentSink } from './document-sink.ts';
import type { ProjectedStore } from './projected-store.ts';
import type { ProjectionRecords, WantedProjection } from './projection-control.ts';
import { ProjectionNotFound } from './projection-errors.ts';
import { describeProgress } from './projection-progress.ts';
import { ProjectionRunner } from './projection-runner.ts';
import type { ProjectionSink } from './projection-sink.ts';
import type { ProjectionState, ProjectionStatus } from './projection-status.ts';
import type { Projections, RunningProjection } from './projections.ts';
import { paused } from './paused.ts';

export interface KeptProjectionsParts {
  readonly store: ProjectedStore;
  readonly records: ProjectionRecords;
  readonly documents: DocumentSink;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Throws StoreClosed once the store is. */
  readonly checkOpen: () => void;
}

/** A runner, whatever its context. */
type Runner = Pick<ProjectionRunner<unknown>, 'name' | 'isActive' | 'look' | 'status' | 'stop'>;

/** How long operators wait at most until the process that runs a projection has heard of their wish. */
const OBEY_MS = 5_000;
const OBEY_STEP_MS = 50;

/** The port, for every store that can keep {@link ProjectionRecords}. */
export class KeptProjections implements Projections {
  private readonly runners = new Set<Runner>();
  private readonly closing = new AbortController();

  constructor(private readonly parts: KeptProjectionsParts) {}

  get documents(): DocumentSink {
    return this.parts.documents;
  }

  async run<Context>(projection: Projection<Context>, sink: ProjectionSink<Context>): Promise<RunningProjection> {
    this.checkOpen();
    const { store, records: control, clock, logger } = this.parts;
    const onStop = (): void => void this.runners.delete(runner);
    const runner = new ProjectionRunner({ store, control, clock, logger, onStop }, defineProjection(projection), sink);
    this.runners.add(runner);
    runner.start();
    return runner;
  }

  async list(): Promise<readonly ProjectionStatus[]> {
    this.checkOpen();
    const names = await this.parts.records.names();
    const all = await Promise.all(names.map((name) => this.statusOf(name)));
    return all.filter((status) => status !== undefined);
  }

  async get(name: string): Promise<ProjectionStatus> {
    this.checkOpen();
    const status = await this.statusOf(name);
    if (!status) throw new ProjectionNotFound(name);
    return status;
  }

  pause(name: string): Promise<ProjectionStatus> {
    return this.change(
      name,
      (wanted) => ({ ...wanted, paused: true }),
      ({ state }) => state === 'paused',
    );
  }

  resume(name: string): Promise<ProjectionStatus> {
    return this.change(
      name,
      (wanted) => ({ ...wanted, paused: false }),
      ({ state }) => state !== 'paused',
    );
  }

  async rebuild(name: string): Promise<ProjectionStatus> {
    const { generation } = await this.get(name);
    return this.change(
      name,
      (wanted) => ({ ...wanted, rebuildOf: generation }),
      (status) => status.rebuild !== undefined || status.generation > generation || status.state === 'paused',
    );
  }

  async forget(name: string): Promise<void> {
    await this.get(name);
    if (await this.parts.records.isRun(name)) {
      throw new ValidationError([{ path: 'name', message: 'is of a projection that a process runs: stop it first' }]);
    }
    await this.parts.records.forget(name);
  }

  /** True while this process runs a projection, or waits for its turn. */
  get isRunning(): boolean {
    return this.runners.size > 0;
  }

  /** Stops all that runs in this process. */
  async close(): Promise<void> {
    this.closing.abort();
    await Promise.all([...this.runners].map((runner) => runner.stop()));
  }

  /** Asks for something, and waits a little until it is so. */
  private async change(
    name: string,
    change: (wanted: WantedProjection) => WantedProjection,
    isObeyed: (status: ProjectionStatus) => boolean,
  ): Promise<ProjectionStatus> {
    await this.get(name);
    await this.parts.records.want(name, change);
    for (const runner of this.runners) if (runner.name === name) runner.look();
    const deadlineMs = performance.now() + OBEY_MS;
    for (;;) {
      const status = await this.get(name);
      const isRun = await this.parts.records.isRun(name);
      if (isObeyed(status) || !isRun || performance.now() > deadlineMs) return status;
      await paused(OBEY_STEP_MS, this.closing.signal);
    }
  }

  /** What was published may be old: what can be known anew is. */
  private async statusOf(name: string): Promise<ProjectionStatus | undefined> {
    const { store, records, clock } = this.parts;
    const runner = [...this.runners].find((running) => running.name === name && running.isActive);
    if (runner) return runner.status();
    const published = await records.published(name);
    if (!published) return undefined;
    const { filter, status } = published;
    const [isRun, wanted, progress] = await Promise.all([
      records.isRun(name),
      records.wanted(name),
      describeProgress(store, filter, status.checkpoint, clock.now()),
    ]);
    const state = isRun ? currentState(status.state, progress.lagEvents) : wanted.paused ? 'paused' : 'standby';
    return { ...status, ...progress, state, ratePerSecond: isRun ? status.ratePerSecond : 0 };
  }

  private checkOpen(): void {
    this.parts.checkOpen();
  }
}

/** Events may have come since the process said that none was left, and it may have handled those that were. */
function currentState(published: ProjectionState, lagEvents: number): ProjectionState {
  if (published === 'live' && lagEvents > 0) return 'catching-up';
  return published;
}
