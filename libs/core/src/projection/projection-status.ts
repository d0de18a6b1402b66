import type { Checkpoint } from './checkpoint.ts';

/**
 * - `'live'`: every event that is stored is in the read model;
 * - `'catching-up'`: some are not yet;
 * - `'rebuilding'`: another generation is being built beside the one in use;
 * - `'paused'`: by request;
 * - `'failed'`: an event could not be handled; it is tried again, ever more seldom;
 * - `'standby'`: no process runs it just now, or this one waits for another to let go of it.
 */
export type ProjectionState = 'live' | 'catching-up' | 'rebuilding' | 'paused' | 'failed' | 'standby';

/** What is known of a projection. */
export interface ProjectionStatus {
  readonly name: string;
  readonly version: number;
  readonly state: ProjectionState;
  /** The generation that readers use. */
  readonly generation: number;
  readonly checkpoint: Checkpoint;
  /** Newest sequence of each stream that it reads. */
  readonly head: Checkpoint;
  /** Events that it wants and has not handled. */
  readonly lagEvents: number;
  /** Milliseconds between when the oldest of these was stored and now; 0 when there is none. */
  readonly lagMs: number;
  /** Events a second over the last moments. */
  readonly ratePerSecond: number;
  /** Events handled by the process that runs it, since it began. */
  readonly handled: number;
  readonly lastError?: {
    readonly message: string;
    readonly at: string;
    readonly position?: { readonly stream: string; readonly sequence: number };
  };
  /** While another generation is built. */
  readonly rebuild?: {
    readonly generation: number;
    readonly checkpoint: Checkpoint;
    readonly lagEvents: number;
  };
  /** When the process that runs it last said so, ISO 8601. */
  readonly updatedAt: string;
}
