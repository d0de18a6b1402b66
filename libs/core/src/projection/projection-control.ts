import type { SubscriptionFilter } from '../subscribe/subscription-options.ts';
import type { ProjectionStatus } from './projection-status.ts';

/** What operators want of a projection. */
export interface WantedProjection {
  readonly paused: boolean;
  /** The generation that is to be replaced by a new one of the same version: a rebuild of it was asked for. */
  readonly rebuildOf?: number;
}

/** A right to run a projection that one process of all has at a time. */
export interface ProjectionTurn {
  /** False as soon as another process may have it. */
  readonly isHeld: boolean;
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

/** What the process that runs a projection said last. */
export interface PublishedProjection {
  readonly status: ProjectionStatus;
  /** What it reads: others count with it how far the projection is behind. */
  readonly filter: SubscriptionFilter;
}

/** What the processes that run a projection tell each other, kept beside the store. */
export interface ProjectionControl {
  /** @returns undefined while another process has the turn */
  takeTurn(name: string): Promise<ProjectionTurn | undefined>;
  /** What is wanted now; the defaults for a projection that is new. */
  wanted(name: string): Promise<WantedProjection>;
  /** Makes the status known to all. */
  publish(published: PublishedProjection): Promise<void>;
}

/** As {@link ProjectionControl}, and what operators need. */
export interface ProjectionRecords extends ProjectionControl {
  /** Of all projections that were ever run, sorted. */
  names(): Promise<readonly string[]>;
  /** @returns undefined for a projection that nobody has run */
  published(name: string): Promise<PublishedProjection | undefined>;
  /** True while a process has the turn. */
  isRun(name: string): Promise<boolean>;
  /** Changes what is wanted, whoever else does so at the same time. */
  want(name: string, change: (wanted: WantedProjection) => WantedProjection): Promise<void>;
  /** Removes all that is known of it. */
  forget(name: string): Promise<void>;
}
