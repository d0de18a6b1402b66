import type { ModeName } from '../mode/server-mode.ts';
import type { Scale } from '../workload/scale.ts';
import type { Workload } from '../workload/workload.ts';
import type { ServerSources } from './arena.ts';

/** What to run, and on what. */
export interface RunOptions {
  readonly scale: Scale;
  readonly workloads: readonly Workload[];
  readonly modes: readonly ModeName[];
  /** How often each entrant is measured. */
  readonly rounds: number;
  readonly sources: ServerSources;
  /** Holds the servers' data; emptied as the run goes on. */
  readonly dataDir: string;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}
