import { createHash } from 'node:crypto';
import { type ValidationProblem, ValidationError, isValidationError } from '../error/validation-error.ts';
import { canonicalJson } from '../append/content-hash.ts';
import { nameProblem } from '../event/name.ts';
import { checkReadAll } from '../read/check-read.ts';
import { subscriptionNameProblem } from '../subscribe/check-subscription.ts';
import type { ReplayState } from './replay-job.ts';
import type { ReplayFilter, ReplayRequest, ReplayTarget } from './replay-request.ts';

const MIN_RATE = 0.01;
const MAX_RATE = 1_000_000;
const MAX_CORRELATION_CHARACTERS = 500;
const MAX_URL_CHARACTERS = 2_000;
const FILE_NAME = /^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,199}$/;
const SUBJECT = /^[^\s\p{Cc}.*>]+(?:\.[^\s\p{Cc}.*>]+)*$/u;
/** What the parser of addresses passes over in silence, so that another address is read than the one that stands there. */
const BLANK = /[\s\p{Cc}]/u;
const MAX_SUBJECT_CHARACTERS = 200;
/** The first token of a subject that a replay must not publish to: the server's own, and the store's. */
const RESERVED_SUBJECTS = /^(?:\$|_INBOX(?:\.|$)|evt(?:-|\.|$)|idem\.|dlq\.|redeliver\.)/;

/** All states, in the order in which a job goes through them. */
export const REPLAY_STATES: readonly ReplayState[] = [
  'pending',
  'running',
  'paused',
  'completed',
  'cancelled',
  'failed',
];
const DEFAULT_PAGE = 100;
const MAX_PAGE = 1_000;
const FILTER_FIELDS: readonly string[] = [
  'tenantId',
  'aggregateType',
  'aggregateId',
  'eventTypes',
  'fromTimestamp',
  'toTimestamp',
  'recordedFrom',
  'recordedTo',
  'fromVersion',
  'toVersion',
  'after',
  'correlationId',
] satisfies (keyof ReplayFilter)[];

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
  if (typeof request !== 'object' || request === null || Array.isArray(request)) {
    throw new ValidationError([{ path: 'request', message: 'must be an object with a target' }]);
  }
  const problems: ValidationProblem[] = [];
  const { ratePerSecond, dryRun = false, idempotencyKey } = request;
  const filter = filterOf(request.filter ?? {}, problems);
  if (ratePerSecond !== undefined && !isRate(ratePerSecond)) {
    problems.push({ path: 'ratePerSecond', message: `must be a number from ${MIN_RATE} to ${MAX_RATE}` });
  }
  const keyProblem = idempotencyKey === undefined ? undefined : nameProblem(idempotencyKey);
  if (keyProblem !== undefined) problems.push({ path: 'idempotencyKey', message: keyProblem });
  if (typeof dryRun !== 'boolean') problems.push({ path: 'dryRun', message: 'must be true or false' });
  const problem = targetProblem(request.target);
  if (problem !== undefined) problems.push(problem);
  if (problems.length > 0) throw new ValidationError(problems);
  return { ...request, target: ownFields(request.target), filter, dryRun };
}

/** Digest of what a request asks for: the same for the same request, whether a default is written out or left out. */
export function replayContentHash({ filter, target, ratePerSecond, dryRun }: CheckedReplay): string {
  return createHash('sha256').update(canonicalJson({ filter, target, ratePerSecond, dryRun })).digest('base64url');
}

/** How to list jobs, with the defaults filled in. @throws ValidationError with every problem */
export function checkReplayList(
  options: { readonly states?: readonly ReplayState[] | undefined; readonly limit?: number | undefined } = {},
): { readonly states: ReadonlySet<ReplayState>; readonly limit: number } {
  const { states = REPLAY_STATES, limit = DEFAULT_PAGE } = options;
  const problems: ValidationProblem[] = [];
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > MAX_PAGE) {
    problems.push({ path: 'limit', message: `must be a whole number from 1 to ${MAX_PAGE}` });
  }
  if (!Array.isArray(states) || !states.every((state) => REPLAY_STATES.includes(state as ReplayState))) {
    problems.push({ path: 'states', message: `must be a list of ${REPLAY_STATES.join(', ')}` });
  }
  if (problems.length > 0) throw new ValidationError(problems);
  return { states: new Set(states), limit };
}

function filterOf(given: unknown, problems: ValidationProblem[]): ReplayFilter {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    problems.push({ path: 'filter', message: 'must be an object' });
    return {};
  }
  const filter: ReplayFilter = {};
  for (const [field, value] of Object.entries(given)) {
    if (!FILTER_FIELDS.includes(field)) problems.push({ path: `filter.${field}`, message: 'is not known' });
    else if (value !== undefined) Object.assign(filter, { [field]: value as unknown });
  }
  const { correlationId, ...readable } = filter;
  if (correlationId !== undefined && !isText(correlationId, MAX_CORRELATION_CHARACTERS)) {
    problems.push({ path: 'filter.correlationId', message: `must be 1 to ${MAX_CORRELATION_CHARACTERS} characters` });
  }
  try {
    return { ...checkReadAll(readable), ...(correlationId !== undefined && { correlationId }) };
  } catch (error) {
    if (!isValidationError(error)) throw error;
    problems.push(...error.errors.map(({ path, message }) => ({ path: `filter.${path}`, message })));
    return {};
  }
}

/** Nothing but what a target of its type has: what else came with it is not kept. */
function ownFields(target: ReplayTarget): ReplayTarget {
  switch (target.type) {
    case 'subscription':
      return { type: target.type, name: target.name };
    case 'all-subscriptions':
      return { type: target.type };
    case 'subject':
      return { type: target.type, subject: target.subject };
    case 'webhook':
      return { type: target.type, url: target.url };
    case 'file':
      return { type: target.type, name: target.name };
  }
}

function isRate(value: unknown): boolean {
  return typeof value === 'number' && value >= MIN_RATE && value <= MAX_RATE;
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
  if (!isText(text, MAX_URL_CHARACTERS) || BLANK.test(text) || !URL.canParse(text)) return false;
  const url = new URL(text);
  return (url.protocol === 'http:' || url.protocol === 'https:') && url.username === '' && url.password === '';
}

function isText(value: unknown, maxCharacters: number): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= maxCharacters;
}
