import type { Checkpoint } from './checkpoint.ts';

/** One build of a read model. A rebuild makes another beside it. */
export interface Generation {
  /** From 1, never used again. */
  readonly number: number;
  /** Of the projection that it was built by. */
  readonly version: number;
  /** True for the one that readers use. One generation of a projection is live at a time. */
  readonly live: boolean;
  readonly checkpoint: Checkpoint;
}

/** Another process has moved the checkpoint: what this one was about to write is there already, or not its to write. */
export class CheckpointMoved extends Error {
  constructor(name: string, generation: number) {
    super(`the checkpoint of generation ${generation} of projection ${name} was moved by another process`);
    this.name = 'CheckpointMoved';
  }
}

/** True for {@link CheckpointMoved}, also of another copy of the package. */
export function isCheckpointMoved(error: unknown): boolean {
  return error instanceof Error && error.name === 'CheckpointMoved';
}

/** A sink cannot keep at once what so many events change: it is given fewer, down to a single one. */
export class CommitTooLarge extends Error {
  /** @param advice what to do when a single event changes too much */
  constructor(advice: string) {
    super(advice);
    this.name = 'CommitTooLarge';
  }
}

/** True for {@link CommitTooLarge}, also of another copy of the package. */
export function isCommitTooLarge(error: unknown): boolean {
  return error instanceof Error && error.name === 'CommitTooLarge';
}

/**
 * Where read models are kept, with how far they are.
 *
 * What an implementer owes, tested by `describeProjectionSink` in `@annals/testing`:
 * - `commit` runs `work` and moves the checkpoint, both or neither; where a sink cannot, what `work` writes is idempotent by
 *   the events' positions, so that running it again after a crash changes nothing;
 * - of two processes that commit from the same checkpoint one succeeds, the other gets {@link CheckpointMoved};
 * - `promote` makes readers see the new generation from one moment to the next.
 */
export interface ProjectionSink<Context> {
  /** All generations of a projection, by number; empty when it was never run. */
  generations(name: string): Promise<readonly Generation[]>;

  /** Makes room for a new, empty generation. The first one is live at once. */
  begin(name: string, version: number): Promise<Generation>;

  /**
   * Runs `work` and moves the checkpoint.
   *
   * @throws CheckpointMoved when the checkpoint is no longer `from`, or the generation is gone; CommitTooLarge; what `work`
   *   throws
   */
  commit(
    name: string,
    generation: number,
    from: Checkpoint,
    to: Checkpoint,
    work: (context: Context) => Promise<void>,
  ): Promise<void>;

  /** Lets readers use this generation, and removes all others. Twice is harmless. */
  promote(name: string, generation: number): Promise<void>;

  /** Removes a generation with what it holds. Harmless when it is gone. */
  drop(name: string, generation: number): Promise<void>;
}
