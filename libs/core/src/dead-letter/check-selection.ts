import { type ValidationProblem, ValidationError, isValidationError } from '../error/validation-error.ts';
import { checkFilter } from '../read/check-read.ts';
import { subscriptionNameProblem } from '../subscribe/check-subscription.ts';
import { type DeadLetterKind, type DeadLetterSelection, parseDeadLetterId } from './dead-letter.ts';

export const DEAD_LETTER_KINDS = [
  'attempts-exhausted',
  'rejected',
  'process-ended',
  'parked',
  'unreadable',
] as const satisfies readonly DeadLetterKind[];

/** A selection lists at most this many ids. */
export const MAX_SELECTED_IDS = 1_000;

/**
 * Checks a selection and brings its times to UTC.
 *
 * @throws ValidationError with every problem
 */
export function checkDeadLetterSelection(selection: DeadLetterSelection): DeadLetterSelection {
  const problems: ValidationProblem[] = [];
  const { ids, subscription, kinds, deadLetteredFrom, deadLetteredTo, ...filter } = selection;
  if (ids !== undefined) checkIds(ids, problems);
  if (subscription !== undefined) {
    const problem = subscriptionNameProblem(subscription);
    if (problem !== undefined) problems.push({ path: 'subscription', message: problem });
  }
  if (kinds !== undefined && !(Array.isArray(kinds) && kinds.every((kind) => DEAD_LETTER_KINDS.includes(kind)))) {
    problems.push({ path: 'kinds', message: `must be a list of ${DEAD_LETTER_KINDS.join(', ')}` });
  }
  let checked: { recordedFrom?: string | undefined; recordedTo?: string | undefined } = {};
  try {
    checked = checkFilter({ ...filter, recordedFrom: deadLetteredFrom, recordedTo: deadLetteredTo });
  } catch (error) {
    if (!isValidationError(error)) throw error;
    for (const { path, message } of error.errors) {
      problems.push({
        path: path.replace('recorded', 'deadLettered'),
        message: message.replace('recorded', 'deadLettered'),
      });
    }
  }
  if (problems.length > 0) throw new ValidationError(problems);
  return { ...selection, deadLetteredFrom: checked.recordedFrom, deadLetteredTo: checked.recordedTo };
}

function checkIds(ids: unknown, problems: ValidationProblem[]): void {
  if (!Array.isArray(ids) || ids.length === 0 || ids.length > MAX_SELECTED_IDS) {
    problems.push({ path: 'ids', message: `must be a list of 1 to ${MAX_SELECTED_IDS} ids` });
    return;
  }
  ids.forEach((id, i) => {
    if (typeof id !== 'string' || parseDeadLetterId(id) === undefined) {
      problems.push({ path: `ids.${i}`, message: 'must be <subscription>/<stream>/<sequence>' });
    }
  });
}
