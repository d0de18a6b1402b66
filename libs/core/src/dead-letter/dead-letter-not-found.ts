import { AnnalsError } from '../error/annals-error.ts';

/** There is no dead letter of that id: it was handled or purged, or never was one. */
export class DeadLetterNotFound extends AnnalsError {
  readonly code = 'dead-letter-not-found';

  constructor(readonly id: string) {
    super(`there is no dead letter ${id}: it was handled or purged, or never was one`);
  }
}
