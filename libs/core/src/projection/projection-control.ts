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

/** What the processes that run a projection tell each other, kept beside the store. */
export interface ProjectionControl {
  /** @returns undefined while another process has the turn */
  takeTurn(name: string): Promise<ProjectionTurn | undefined>;
  /** What is wanted now; the defaults for a projection that is new. */
  wanted(name: string): Promise<WantedProjection>;
  /** Makes the status known to all. */
  publish(status: ProjectionStatus): Promise<void>;
}
