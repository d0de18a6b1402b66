import { AnnalsError } from '../error/annals-error.ts';
import type { Checkpoint } from './checkpoint.ts';

/** There is no projection of that name: no process has run it. */
export class ProjectionNotFound extends AnnalsError {
  readonly code = 'projection-not-found';

  constructor(readonly projection: string) {
    super(`there is no projection ${projection}: a service makes it known when it runs it`);
  }
}

/** A read model did not get as far as it was waited for. */
export class ProjectionBehind extends AnnalsError {
  readonly code = 'projection-behind';
  override readonly retryable = true;

  constructor(
    readonly projection: string,
    readonly checkpoint: Checkpoint,
    /** Milliseconds. */
    readonly timeoutMs: number,
  ) {
    const at = checkpoint.map(({ stream, sequence }) => `${stream}:${sequence}`).join(', ') || 'its beginning';
    super(`projection ${projection} stands at ${at} after ${timeoutMs} ms: wait longer, or look at its status`);
  }
}
