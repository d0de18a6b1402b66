import { type ValidationProblem, ValidationError, isValidationError } from '../error/validation-error.ts';
import { checkReadAll } from '../read/check-read.ts';
import { subscriptionNameProblem } from '../subscribe/check-subscription.ts';
import type { ReplayFilter, ReplayRequest, ReplayTarget } from './replay-request.ts';

const MIN_RATE = 0.01;
const MAX_RATE = 1_000_000;
const MAX_CORRELATION_CHARACTERS = 500;
const MAX_URL_CHARACTERS = 2_000;
const FILE_NAME = /^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,199}$/;
const SUBJECT = /^[^\s.*>]+(?:\.[^\s.*>]+)*$/;
const MAX_SUBJECT_CHARACTERS = 200;
/** The first token of a subject that a replay must not publish to: the server's own, and the store's. */
const RESERVED_SUBJECTS = /^(?:\$|_INBOX(?:\.|$)|evt(?:-|\.|$)|idem\.|dlq\.|redeliver\.)/;

/** A request with its defaults filled in and its times in UTC. */
export interface CheckedReplay extends Omit<ReplayRequest, 'filter' | 'dryRun'> {
  readonly filter: ReplayFilter;
  readonly dryRun: boolean;
}

/**
 * Checks a replay and fills in its defaults.
 *
 * @throws ValidationError with every problem
 */
export function checkReplay(request: ReplayRequest): CheckedReplay {
  const problems: ValidationProblem[] = [];
  const { ratePerSecond, dryRun = false } = request;
  const { correlationId, ...readable } = request.filter ?? {};
  let filter: ReplayFilter = readable;
  try {
    filter = checkReadAll(readable);
  } catch (error) {
    if (!isValidationError(error)) throw error;
    problems.push(...error.errors.map(({ path, message }) => ({ path: `filter.${path}`, message })));
  }
  if (correlationId !== undefined && !isText(correlationId, MAX_CORRELATION_CHARACTERS)) {
    problems.push({ path: 'filter.correlationId', message: `must be 1 to ${MAX_CORRELATION_CHARACTERS} characters` });
  }
  if (ratePerSecond !== undefined && !(ratePerSecond >= MIN_RATE && ratePerSecond <= MAX_RATE)) {
    problems.push({ path: 'ratePerSecond', message: `must be a number from ${MIN_RATE} to ${MAX_RATE}` });
  }
  if (typeof dryRun !== 'boolean') problems.push({ path: 'dryRun', message: 'must be true or false' });
  const problem = targetProblem(request.target);
  if (problem !== undefined) problems.push(problem);
  if (problems.length > 0) throw new ValidationError(problems);
  return { ...request, filter: correlationId === undefined ? filter : { ...filter, correlationId }, dryRun };
}

/** What is wrong with a target before anybody is asked, or undefined. */
export function targetProblem(target: ReplayTarget | undefined): ValidationProblem | undefined {
  switch (target?.type) {
    case 'subscription': {
      const problem = subscriptionNameProblem(target.name);
      return problem === undefined ? undefined : { path: 'target.name', message: problem };
    }
    case 'all-subscriptions':
      return undefined;
    case 'subject':
      return isFreeSubject(target.subject)
        ? undefined
        : {
            path: 'target.subject',
            message: 'must be a subject without wildcards, outside of the store and the server',
          };
    case 'webhook':
      return isHttpUrl(target.url)
        ? undefined
        : { path: 'target.url', message: 'must be an http or https address without user and password' };
    case 'file':
      return typeof target.name === 'string' && FILE_NAME.test(target.name)
        ? undefined
        : { path: 'target.name', message: 'must be a file name of A-Z a-z 0-9 _ . - that does not begin with a dot' };
    default:
      return {
        path: 'target',
        message: "must have the type 'subscription', 'all-subscriptions', 'subject', 'webhook' or 'file'",
      };
  }
}

function isFreeSubject(subject: unknown): boolean {
  return isText(subject, MAX_SUBJECT_CHARACTERS) && SUBJECT.test(subject) && !RESERVED_SUBJECTS.test(subject);
}

function isHttpUrl(text: unknown): boolean {
  if (!isText(text, MAX_URL_CHARACTERS) || !URL.canParse(text)) return false;
  const url = new URL(text);
  return (url.protocol === 'http:' || url.protocol === 'https:') && url.username === '' && url.password === '';
}

function isText(value: unknown, maxCharacters: number): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= maxCharacters;
}
