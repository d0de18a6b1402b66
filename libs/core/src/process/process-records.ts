import type { Checkpoint } from '../projection/checkpoint.ts';
import type { InstanceRef, KeptInstance } from './kept-instance.ts';
import type { ProcessStatus } from './process-status.ts';

/** The right to run a process, which one of all has at a time. */
export interface ProcessTurn {
  /** False as soon as another may have it. */
  readonly isHeld: boolean;
  /** Aborted when it was lost. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

/** An instance and the revision that a change must name. */
export interface FoundInstance {
  readonly instance: KeptInstance;
  readonly revision: number;
}

/** What the one who runs a process says about it. */
export type PublishedProcess = Omit<ProcessStatus, 'state' | 'lagEvents'>;

/**
 * Where a store keeps what it knows of processes. Values are JSON: nobody shares an object with it.
 *
 * All methods throw StoreUnavailable when it cannot be reached.
 */
export interface ProcessRecords {
  /** Undefined when another has it. It goes by itself some seconds after its holder died. */
  takeTurn(process: string): Promise<ProcessTurn | undefined>;
  isRun(process: string): Promise<boolean>;
  /** Sets where a process begins that has no checkpoint yet; one that has keeps it. */
  begin(process: string, checkpoint: Checkpoint): Promise<void>;
  checkpoint(process: string): Promise<Checkpoint | undefined>;
  saveCheckpoint(process: string, checkpoint: Checkpoint): Promise<void>;
  publish(published: PublishedProcess): Promise<void>;
  published(process: string): Promise<PublishedProcess | undefined>;
  /** Names of all processes, sorted. */
  names(): Promise<readonly string[]>;
  /** The instance, wherever it is. */
  find(process: string, ref: InstanceRef): Promise<FoundInstance | undefined>;
  /**
   * Writes an instance that is not archived, if it is as its writer believes.
   *
   * @param revision of what it replaces; 0 when there must be none
   * @returns false when it is not
   */
  put(process: string, instance: KeptInstance, revision: number): Promise<boolean>;
  /** Puts an instance that is over away, where it is found until its time is up. Twice is harmless. */
  archive(process: string, instance: KeptInstance): Promise<void>;
  /** All instances that are not archived. */
  active(process: string): Promise<readonly InstanceRef[]>;
  /** Instances of a process in a fixed order, archived ones too, behind `after`; an opaque place that another list gave. */
  list(
    process: string,
    after: string | undefined,
  ): AsyncIterable<{ readonly place: string; readonly ref: InstanceRef }>;
}
