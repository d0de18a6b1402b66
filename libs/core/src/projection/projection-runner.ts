import type { Position } from '../event/event-message.ts';
import type { Logger } from '../logging/logger.ts';
import { ReplayRate } from '../replay/replay-rate.ts';
import type { Clock } from '../time/clock.ts';
import { type Checkpoint, covers } from './checkpoint.ts';
import type { Projection } from './define-projection.ts';
import { GenerationRun } from './generation-run.ts';
import { paused } from './paused.ts';
import type { ProjectedStore } from './projected-store.ts';
import type { ProjectionControl, ProjectionTurn, WantedProjection } from './projection-control.ts';
import { ProjectionBehind } from './projection-errors.ts';
import { type Generation, type ProjectionSink, isCheckpointMoved } from './projection-sink.ts';
import type { ProjectionState, ProjectionStatus } from './projection-status.ts';
import { describeProgress, eventsBehind } from './projection-progress.ts';
import type { RunningProjection } from './projections.ts';

export interface ProjectionParts {
  readonly store: ProjectedStore;
  readonly control: ProjectionControl;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called once, when it has stopped. */
  readonly onStop?: () => void;
}

/** How often operators' wishes are looked up and the status is told. */
const LOOK_MS = 500;
const PUBLISH_MS = 1_000;
const RETRY_MS = 1_000;
/** How often a process that does not run it looks how far another one is, for who waits. */
const WAIT_STEP_MS = 50;
/** How long the one in use stands still at most for a rebuild that is to take its place. */
const CATCH_UP_MS = 1_000;
const DEFAULT_WAIT_MS = 5_000;

/** Runs a projection while it has the turn, and waits for it otherwise. */
export class ProjectionRunner<Context> implements RunningProjection {
  private readonly stopping = new AbortController();
  private readonly rate = new ReplayRate(() => performance.now());
  private live: GenerationRun<Context> | undefined;
  private building: GenerationRun<Context> | undefined;
  private wanted: WantedProjection = { paused: false };
  private hasTurn = false;
  private handled = 0;
  private counted = 0;
  private waiters = new Set<() => void>();
  private running: Promise<void> | undefined;
  private trouble: { readonly message: string; readonly at: string } | undefined;
  /** A newer release has the read model: this process lets it. */
  private standsBack = false;
  private lastLive: Generation | undefined;
  private publishedAtMs = -Infinity;
  private wakeUp: () => void = () => {};

  constructor(
    private readonly parts: ProjectionParts,
    private readonly projection: Projection<Context>,
    private readonly sink: ProjectionSink<Context>,
  ) {}

  get name(): string {
    return this.projection.name;
  }

  /** True while this process has the turn. */
  get isActive(): boolean {
    return this.hasTurn;
  }

  start(): void {
    this.running ??= this.run();
  }

  /** Looks at once what is wanted. */
  look(): void {
    this.wakeUp();
  }

  async stop(): Promise<void> {
    this.stopping.abort(new Error('the projection stops'));
    await this.running;
  }

  async status(): Promise<ProjectionStatus> {
    const { store, clock } = this.parts;
    const { name, version, filter } = this.projection;
    const live = await this.liveGeneration();
    const checkpoint = live?.checkpoint ?? [];
    const { building } = this;
    const progress = await describeProgress(store, filter, checkpoint, clock.now());
    const rebuild = building && {
      generation: building.generation.number,
      checkpoint: building.checkpoint,
      lagEvents: await eventsBehind(store, filter, building.checkpoint),
    };
    const failure = this.live?.failure ?? this.building?.failure ?? this.trouble;
    const handled = this.handledNow();
    return {
      name,
      version,
      state: this.stateOf(progress.lagEvents),
      generation: live?.number ?? 0,
      checkpoint,
      ...progress,
      ratePerSecond: this.rate.perSecond(),
      handled,
      ...(failure && { lastError: failure }),
      ...(rebuild && { rebuild }),
      updatedAt: new Date(clock.now()).toISOString(),
    };
  }

  async waitFor(
    position: Position | readonly Position[],
    { timeoutMs = DEFAULT_WAIT_MS }: { readonly timeoutMs?: number } = {},
  ): Promise<void> {
    const positions = Array.isArray(position) ? (position as readonly Position[]) : [position as Position];
    const deadlineMs = performance.now() + timeoutMs;
    for (;;) {
      const checkpoint = (await this.liveGeneration())?.checkpoint ?? [];
      if (covers(checkpoint, positions)) return;
      const leftMs = deadlineMs - performance.now();
      if (leftMs <= 0) throw new ProjectionBehind(this.name, checkpoint, timeoutMs);
      await this.changed(Math.min(leftMs, this.live ? leftMs : WAIT_STEP_MS));
    }
  }

  private async run(): Promise<void> {
    const { control, logger } = this.parts;
    const { signal } = this.stopping;
    while (!signal.aborted) {
      let turn: ProjectionTurn | undefined;
      try {
        turn = await control.takeTurn(this.name);
        if (turn) await this.runInTurn(turn);
        else this.trouble = undefined;
      } catch (error) {
        this.note(error);
        logger.warn(`projection ${this.name} cannot run just now`, { error });
      } finally {
        await this.letGo(turn);
      }
      await paused(RETRY_MS, signal);
    }
    this.wakeWaiters();
    this.parts.onStop?.();
  }

  private async runInTurn(turn: ProjectionTurn): Promise<void> {
    const ended = AbortSignal.any([this.stopping.signal, turn.lost]);
    this.lastLive = undefined;
    this.hasTurn = true;
    while (!ended.aborted && turn.isHeld) {
      const { paused: wasPaused } = this.wanted;
      this.wanted = await this.parts.control.wanted(this.name);
      if (ended.aborted || !turn.isHeld) return;
      const changed = (await this.arrange(turn)) || wasPaused !== this.wanted.paused;
      this.trouble = undefined;
      this.standsBack = false;
      await this.publish(changed);
      await this.untilLookedAgain(ended);
    }
  }

  private async untilLookedAgain(ended: AbortSignal): Promise<void> {
    const woken = new AbortController();
    this.wakeUp = () => woken.abort();
    const end = (): void => woken.abort();
    ended.addEventListener('abort', end);
    if (!ended.aborted) await paused(LOOK_MS, woken.signal);
    ended.removeEventListener('abort', end);
    this.wakeUp = () => {};
  }

  /**
   * Starts and stops runs so that they are what is wanted, and puts a finished rebuild in its place.
   *
   * @returns true when a rebuild began or ended
   */
  private async arrange(turn: ProjectionTurn): Promise<boolean> {
    const wasBuilding = this.building;
    if (this.wanted.paused || this.live?.gone || this.building?.gone) await this.stopRuns();
    const { projection, sink } = this;
    const generations = await sink.generations(this.name);
    let live = generations.find((generation) => generation.live);
    if (!live) live = await sink.begin(this.name, projection.version);
    this.lastLive = live;
    if (live.version > projection.version) {
      await this.stopRuns();
      this.standsBack = true;
      throw new Error(
        `version ${live.version} of it is in use, this process has ${projection.version}: a newer release took over`,
      );
    }
    if (this.wanted.paused) return wasBuilding !== undefined;
    const isCurrent = live.version === projection.version;
    const isWanted = !isCurrent || this.wanted.rebuildOf === live.number;
    let next = generations.find(({ version, number }) => version === projection.version && number > live.number);
    for (const { number } of generations) {
      if (number !== live.number && number !== next?.number) await sink.drop(this.name, number);
    }
    if (isWanted && !next) next = await sink.begin(this.name, projection.version);
    if (isCurrent) this.live ??= this.runOf(live);
    if (next) this.building ??= this.runOf(next);
    if (next && this.building) await this.promoteWhenReady(turn, this.building, live);
    return wasBuilding !== this.building;
  }

  /** The one in use stands still for that moment, so that readers never see an older state than before. */
  private async promoteWhenReady(
    turn: ProjectionTurn,
    building: GenerationRun<Context>,
    live: Generation,
  ): Promise<void> {
    const { store, logger } = this.parts;
    const { filter, batchSize } = this.projection;
    if ((await eventsBehind(store, filter, building.checkpoint)) > batchSize || building.failure) return;
    const inUse = this.live;
    if (!(await this.reaches(turn, building, inUse?.checkpoint ?? live.checkpoint))) return;
    await inUse?.stop();
    const isReady = await this.reaches(turn, building, inUse?.checkpoint ?? live.checkpoint);
    if (isReady) {
      await this.sink.promote(this.name, building.generation.number);
      logger.info(`projection ${this.name} is rebuilt: generation ${building.generation.number} is in use`);
      this.lastLive = { ...building.generation, live: true };
    }
    this.account(inUse);
    this.wakeWaiters();
    // What failed just now goes on beside the one in use, which is started again.
    this.live = isReady ? building : undefined;
    if (isReady) this.building = undefined;
  }

  /** Waits a moment until a rebuild has caught up with the one in use. */
  private async reaches(
    turn: ProjectionTurn,
    building: GenerationRun<Context>,
    checkpoint: Checkpoint,
  ): Promise<boolean> {
    const deadlineMs = performance.now() + CATCH_UP_MS;
    for (;;) {
      if (building.failure || building.gone || this.stopping.signal.aborted || !turn.isHeld) return false;
      if (covers(building.checkpoint, checkpoint)) return true;
      if (performance.now() > deadlineMs) return false;
      await this.changed(WAIT_STEP_MS);
    }
  }

  private runOf(generation: Generation): GenerationRun<Context> {
    const { store, clock, logger } = this.parts;
    const { projection, sink } = this;
    const onChange = (): void => this.wakeWaiters();
    return new GenerationRun({ store, projection, sink, clock, logger, onChange }, generation);
  }

  private async stopRuns(): Promise<void> {
    const runs = [this.live, this.building].filter((run) => run !== undefined);
    await Promise.all(runs.map((run) => run.stop()));
    const live = this.live;
    if (live && this.lastLive) this.lastLive = { ...this.lastLive, checkpoint: live.checkpoint };
    this.live = undefined;
    this.building = undefined;
    for (const run of runs) this.account(run);
    this.wakeWaiters();
  }

  private async letGo(turn: ProjectionTurn | undefined): Promise<void> {
    await this.stopRuns();
    this.hasTurn = false;
    if (!turn) return;
    try {
      if (turn.isHeld) await this.publish(true);
      await turn.release();
    } catch (error) {
      this.parts.logger.debug(`the turn of projection ${this.name} runs out by itself`, { error });
    }
  }

  private async publish(now = false): Promise<void> {
    if (!now && performance.now() - this.publishedAtMs < PUBLISH_MS) return;
    this.publishedAtMs = performance.now();
    await this.parts.control.publish({ status: await this.status(), filter: this.projection.filter });
  }

  private stateOf(lagEvents: number): ProjectionState {
    if (!this.hasTurn) return this.trouble && !this.standsBack ? 'failed' : 'standby';
    if (this.wanted.paused) return 'paused';
    if (this.live?.failure ?? this.building?.failure ?? this.trouble) return 'failed';
    if (this.building) return 'rebuilding';
    return lagEvents === 0 ? 'live' : 'catching-up';
  }

  private async liveGeneration(): Promise<Generation | undefined> {
    const { lastLive, live } = this;
    if (this.hasTurn && lastLive) return { ...lastLive, checkpoint: live?.checkpoint ?? lastLive.checkpoint };
    try {
      return (await this.sink.generations(this.name)).find((generation) => generation.live);
    } catch (error) {
      this.note(error);
      return lastLive;
    }
  }

  private account(run: GenerationRun<Context> | undefined): void {
    this.handled += run?.handled ?? 0;
  }

  private handledNow(): number {
    const total = this.handled + (this.live?.handled ?? 0) + (this.building?.handled ?? 0);
    this.rate.add(Math.max(0, total - this.counted));
    this.counted = Math.max(this.counted, total);
    return total;
  }

  private note(error: unknown): void {
    if (isCheckpointMoved(error)) return;
    const message = error instanceof Error ? error.message : String(error);
    this.trouble = { message, at: new Date(this.parts.clock.now()).toISOString() };
  }

  private changed(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.waiters.delete(end);
        resolve();
      };
      const timer = setTimeout(end, timeoutMs);
      this.waiters.add(end);
    });
  }

  private wakeWaiters(): void {
    for (const wake of [...this.waiters]) wake();
  }
}
