import type { PositionBody } from '../event/event-body.ts';

/** A projection and how far its read model is. */
export interface ProjectionBody {
  readonly name: string;
  readonly version: number;
  /**
   * `live`: every stored event is in the read model. `catching-up`: some are not yet. `rebuilding`: another generation is
   * being built beside the one in use. `paused`: by request. `failed`: an event could not be handled; it is tried again.
   * `standby`: no process runs it just now.
   */
  readonly state: 'live' | 'catching-up' | 'rebuilding' | 'paused' | 'failed' | 'standby';
  /** The generation that readers use. */
  readonly generation: number;
  readonly checkpoint: readonly PositionBody[];
  /** Newest sequence of each stream that it reads. */
  readonly head: readonly PositionBody[];
  /** Events that it wants and has not handled. */
  readonly lagEvents: number;
  /** Milliseconds since the oldest of these was stored; 0 when there is none. */
  readonly lagMs: number;
  readonly ratePerSecond: number;
  /** Events handled by the process that runs it, since it began. */
  readonly handled: number;
  readonly lastError?: { readonly message: string; readonly at: string; readonly position?: PositionBody };
  /** While another generation is built. */
  readonly rebuild?: {
    readonly generation: number;
    readonly checkpoint: readonly PositionBody[];
    readonly lagEvents: number;
  };
  /** When the process that runs it last said so. */
  readonly updatedAt: string;
}

/** The answer to `GET /events/projections`: by name. */
export interface ProjectionsResponse {
  readonly projections: readonly ProjectionBody[];
  /** Where the next page begins; null after the last one. */
  readonly nextCursor: string | null;
}
