import type { MachineFacts } from '../machine/machine-facts.ts';
import type { ModeName } from '../mode/server-mode.ts';
import type { Measurement } from './measurement.ts';

/** What became of one entrant of a workload. */
export interface EntrantResult {
  readonly name: string;
  /** One a round, in order. */
  readonly rounds: readonly Measurement[];
  /** Why it did not take part. */
  readonly skipped?: string;
  /** Why it did not finish; earlier rounds are there. */
  readonly failed?: string;
}

/** A workload on one server mode. */
export interface WorkloadResult {
  readonly workload: string;
  readonly title: string;
  readonly description: string;
  readonly mode: ModeName;
  readonly finishedAt: string;
  readonly entrants: readonly EntrantResult[];
}

/** Raised when older files can no longer be read. */
export const RESULT_FORMAT = 1;

/** The file that a run leaves. */
export interface BenchResult {
  readonly format: typeof RESULT_FORMAT;
  /** True: too small to conclude anything from. */
  readonly quick: boolean;
  readonly command: string;
  readonly startedAt: string;
  readonly rounds: number;
  readonly secondsPerRound: number;
  readonly postgresPool: number;
  readonly machine: MachineFacts;
  readonly results: readonly WorkloadResult[];
}
