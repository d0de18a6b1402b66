import { MAX_DIFF_EVENTS } from '@annals/contract';
import { AnnalsError } from '@annals/core';

/** Between two states lies more than one answer should hold. */
export class DiffTooLarge extends AnnalsError {
  readonly code = 'result-too-large';
  readonly limit = MAX_DIFF_EVENTS;

  constructor(reason: string) {
    super(`${reason}: ask for the change between states that are closer to each other.`);
  }
}
