import { AnnalsError } from '../error/annals-error.ts';
import type { ReplayState } from './replay-job.ts';

/** There is no replay of that id; finished ones are forgotten after a while. */
export class ReplayNotFound extends AnnalsError {
  readonly code = 'replay-not-found';

  constructor(readonly id: string) {
    super(`there is no replay ${id}: finished replays are forgotten after 30 days`);
  }
}

/** A replay is over, so it can neither be paused, resumed nor cancelled. */
export class ReplayFinished extends AnnalsError {
  readonly code = 'replay-finished';

  constructor(
    readonly id: string,
    readonly state: ReplayState,
  ) {
    super(`replay ${id} is ${state} and cannot change: start a new one`);
  }
}

/** A target that this process may not or cannot hand events to. */
export class ReplayTargetRefused extends AnnalsError {
  readonly code = 'replay-target-refused';

  constructor(reason: string, options?: { cause?: unknown }) {
    super(`the target of the replay is refused: ${reason}`, options);
  }
}

/** A target takes nothing for the moment and does not get well by itself: the job waits for somebody to look. Internal. */
export class ReplayTargetDown extends Error {
  override readonly name = 'ReplayTargetDown';
}
