import type { Checkpoint } from '../projection/checkpoint.ts';
import type { ProcessError } from './process-input.ts';

/**
 * What a process does.
 *
 * - `'running'`: a process of the application handles its events and timers;
 * - `'failing'`: it tries, and an error keeps it from going on;
 * - `'standby'`: nobody runs it at the moment.
 */
export type ProcessState = 'running' | 'failing' | 'standby';

/** A process as it is known to the store. */
export interface ProcessStatus {
  readonly name: string;
  readonly version: number;
  readonly state: ProcessState;
  readonly eventTypes: readonly string[];
  /** Every event up to here has been decided upon. */
  readonly checkpoint: Checkpoint;
  /** Events that are stored and not decided upon. */
  readonly lagEvents: number;
  /** Instances that are not over, as the one who runs it knows them. */
  readonly activeInstances: number;
  /** When the next timer of all instances is due: ISO 8601. */
  readonly nextTimerAt?: string;
  /** Why it is `'failing'`. */
  readonly error?: ProcessError;
}
