import { type ValidationProblem, ValidationError, isValidationError } from '../error/validation-error.ts';
import { checkFilter } from '../read/check-read.ts';
import { subscriptionNameProblem } from '../subscribe/check-subscription.ts';
import { type DeadLetterKey, type DeadLetterKind, type DeadLetterSelection, parseDeadLetterId } from './dead-letter.ts';
import type { RedriveOptions } from './dead-letters.ts';

export const DEAD_LETTER_KINDS = [
  'attempts-exhausted',
  'rejected',
  'process-ended',
  'parked',
  'unreadable',
] as const satisfies readonly DeadLetterKind[];

const FILTER_FIELDS: ReadonlySet<string> = new Set(['tenantId', 'aggregateType', 'aggregateId', 'eventTypes']);
const ID_RULE = 'must be <subscription>/<stream>/<sequence>';
const DEFAULT_PAGE = 100;
const MAX_PAGE = 1_000;
const MAX_RATE = 1_000_000;

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
  for (const field of Object.keys(filter)) {
    // A misspelt field that is passed over would select everything, and purge it.
    if (!FILTER_FIELDS.has(field)) problems.push({ path: field, message: 'is not known' });
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

/** The parts of an id. @throws ValidationError */
export function checkDeadLetterId(id: string): DeadLetterKey {
  const key = typeof id === 'string' ? parseDeadLetterId(id) : undefined;
  if (key === undefined) throw new ValidationError([{ path: 'id', message: ID_RULE }]);
  return key;
}

/** How many letters a page has. @throws ValidationError */
export function checkDeadLetterLimit(limit: number = DEFAULT_PAGE): number {
  if (Number.isSafeInteger(limit) && limit >= 1 && limit <= MAX_PAGE) return limit;
  throw new ValidationError([{ path: 'limit', message: 'must be a whole number from 1 to 1,000' }]);
}

/** Checks how fast to redrive. @throws ValidationError */
export function checkRedrive(options: RedriveOptions): void {
  const { ratePerSecond } = options;
  if (ratePerSecond === undefined) return;
  if (typeof ratePerSecond === 'number' && ratePerSecond > 0 && ratePerSecond <= MAX_RATE) return;
  throw new ValidationError([{ path: 'ratePerSecond', message: 'must be a number above 0, 1,000,000 at most' }]);
}

function checkIds(ids: unknown, problems: ValidationProblem[]): void {
  if (!Array.isArray(ids) || ids.length === 0 || ids.length > MAX_SELECTED_IDS) {
    problems.push({ path: 'ids', message: `must be a list of 1 to ${MAX_SELECTED_IDS} ids` });
    return;
  }
  ids.forEach((id, i) => {
    if (typeof id !== 'string' || parseDeadLetterId(id) === undefined) {
      problems.push({ path: `ids.${i}`, message: ID_RULE });
    }
  });
}
