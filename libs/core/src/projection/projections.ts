import type { Position } from '../event/event-message.ts';
import type { Projection } from './define-projection.ts';
import type { DocumentSink } from './document-sink.ts';
import type { ProjectionSink } from './projection-sink.ts';
import type { ProjectionStatus } from './projection-status.ts';

/** A projection at work in this process, or waiting for its turn. */
export interface RunningProjection {
  readonly name: string;
  /** What is known of it just now. */
  status(): Promise<ProjectionStatus>;
  /**
   * Fulfilled when the read model in use holds every event up to a position: what `append` returned, for example.
   *
   * @param options `timeoutMs` 5,000 unless given
   * @throws ProjectionBehind when the time is over
   */
  waitFor(position: Position | readonly Position[], options?: { readonly timeoutMs?: number }): Promise<void>;
  /** Finishes the batch in hand and lets another process go on. Twice is harmless. */
  stop(): Promise<void>;
}

/**
 * Projections: read models that follow the log.
 *
 * Guarantees an implementer must keep, tested by `describeProjections` in `@annals/testing`:
 * - of all processes that run a projection one does so at a time, and another takes over when it dies;
 * - no event is passed over, and none is written twice, whatever crashes, as far as the sink can;
 * - a rebuilt read model is what the live one is.
 */
export interface Projections {
  /** Read models of documents, kept by the store itself. */
  readonly documents: DocumentSink;

  /**
   * Runs a projection in this process.
   *
   * @throws ValidationError, StoreClosed; what happens later is in the status
   */
  run<Context>(projection: Projection<Context>, sink: ProjectionSink<Context>): Promise<RunningProjection>;

  /** All projections that were ever run, by name, as their processes said last. */
  list(): Promise<readonly ProjectionStatus[]>;

  /** @throws ProjectionNotFound */
  get(name: string): Promise<ProjectionStatus>;

  /** Handles nothing until it is resumed, in whichever process. @throws ProjectionNotFound */
  pause(name: string): Promise<ProjectionStatus>;

  /** @throws ProjectionNotFound */
  resume(name: string): Promise<ProjectionStatus>;

  /**
   * Builds the read model anew beside the one in use, which goes on, and puts it in its place once it has caught up.
   *
   * @throws ProjectionNotFound
   */
  rebuild(name: string): Promise<ProjectionStatus>;

  /** Forgets a projection that no process runs; what its sink holds stays. @throws ProjectionNotFound, ValidationError while one runs it */
  forget(name: string): Promise<void>;
}
