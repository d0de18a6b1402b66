import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import {
  type EventStore,
  type Position,
  type Projection,
  type ProjectionSink,
  type ProjectionStatus,
  type RunningProjection,
  StoreClosed,
} from '@annals/core';

/** A projection of the application: it runs from the application's start to its shutdown. */
export class HostedProjection implements Omit<RunningProjection, 'stop'>, OnApplicationBootstrap, OnModuleDestroy {
  private running: Promise<RunningProjection> | undefined;
  private isOver = false;

  constructor(
    private readonly store: EventStore,
    private readonly start: (store: EventStore) => Promise<RunningProjection>,
    readonly name: string,
  ) {}

  static of<Context>(
    store: EventStore,
    projection: Projection<Context>,
    sink: ProjectionSink<Context>,
  ): HostedProjection {
    return new HostedProjection(store, (opened) => opened.projections.run(projection, sink), projection.name);
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.run();
  }

  async onModuleDestroy(): Promise<void> {
    this.isOver = true;
    await (await this.running)?.stop();
  }

  /** See `RunningProjection.status`. */
  async status(): Promise<ProjectionStatus> {
    return (await this.run()).status();
  }

  /**
   * Fulfilled when the read model holds every event up to a position, for answers that show what was just written.
   *
   * @param options `timeoutMs` 5,000 unless given
   * @throws ProjectionBehind when the time is over
   */
  async waitFor(position: Position | readonly Position[], options?: { readonly timeoutMs?: number }): Promise<void> {
    await (await this.run()).waitFor(position, options);
  }

  private run(): Promise<RunningProjection> {
    if (this.isOver && !this.running) return Promise.reject(new StoreClosed());
    this.running ??= this.start(this.store);
    return this.running;
  }
}
