import {
  DEFAULT_TENANT,
  type Position,
  type ReplayFilter,
  type ReplayRequest,
  ValidationError,
  type ValidationProblem,
  checkReplay,
  isValidationError,
} from '@annals/core';
import { asRecord } from '../http/as-record.ts';
import { selectionOf } from '../read/event-selection.ts';
import type { ReplayRequestDto } from '../read/replay-request.dto.ts';
import { type ReadTarget, readTarget } from './replay-target.ts';

/** Fields of the body that only a job has a use for. */
const OF_JOBS = ['correlationId', 'after', 'allTenants', 'ratePerSecond', 'dryRun'] as const;
/** Fields of the body that only an answer with events has a use for. */
const OF_LISTS = ['limit', 'cursor', 'order'] as const;
/** More streams than this no store has. */
const MAX_POSITIONS = 100;

/** @throws ValidationError where a request for events in the answer has fields of a job */
export function refuseJobFields(body: ReplayRequestDto): void {
  const problems = OF_JOBS.filter((field) => body[field] !== undefined).map((path) => ({
    path,
    message: 'is for a replay to a target: give target as well, or leave this out',
  }));
  if (problems.length > 0) throw new ValidationError(problems);
}

/**
 * Reads a body with a target.
 *
 * @param tenantId from body or query
 * @throws ValidationError with every problem, by the names that the client used
 */
export function readReplayRequest(
  body: ReplayRequestDto,
  tenantId: string | undefined,
  idempotencyKey: string | undefined,
): ReplayRequest {
  const problems: ValidationProblem[] = OF_LISTS.filter((field) => body[field] !== undefined).map((path) => ({
    path,
    message: 'has no meaning with a target: the events are not in the answer',
  }));
  if (body.allTenants && tenantId !== undefined) problems.push({ path: 'allTenants', message: 'excludes tenantId' });
  const read = readTarget(body.target, problems);
  const after = readAfter(body.after, problems);
  const filter = filterOf(body, tenantId, after, problems);
  const request: ReplayRequest = {
    filter,
    // What is wrong with a target that cannot be read is known already.
    target: read?.target ?? { type: 'all-subscriptions' },
    ...(body.ratePerSecond !== undefined && { ratePerSecond: body.ratePerSecond }),
    ...(body.dryRun !== undefined && { dryRun: body.dryRun }),
    ...(idempotencyKey !== undefined && { idempotencyKey }),
  };
  problems.push(...inRequestTerms(() => checkReplay(request), body, read));
  if (problems.length > 0) throw new ValidationError(problems);
  return request;
}

function readAfter(value: unknown, problems: ValidationProblem[]): readonly Position[] | undefined {
  if (value === undefined) return undefined;
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0 || list.length > MAX_POSITIONS) {
    problems.push({ path: 'after', message: `must be a position or a list of 1 to ${MAX_POSITIONS} positions` });
    return undefined;
  }
  return list.map((position) => {
    const { stream, sequence } = asRecord(position) ?? {};
    return { stream, sequence } as Position;
  });
}

function filterOf(
  body: ReplayRequestDto,
  tenantId: string | undefined,
  after: readonly Position[] | undefined,
  problems: ValidationProblem[],
): ReplayFilter {
  try {
    const { filter } = selectionOf({ ...body, tenantId: tenantId ?? DEFAULT_TENANT });
    const { correlationId, allTenants } = body;
    const wanted = { ...filter, tenantId: allTenants ? undefined : filter.tenantId, correlationId, after };
    return Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
  } catch (error) {
    if (!isValidationError(error)) throw error;
    problems.push(...error.errors);
    return {};
  }
}

/** What a check finds, with paths as the client wrote them: criteria stand beside the target, not in a filter. */
function inRequestTerms(
  check: () => unknown,
  body: ReplayRequestDto,
  read: ReadTarget | undefined,
): readonly ValidationProblem[] {
  try {
    check();
    return [];
  } catch (error) {
    if (!isValidationError(error)) throw error;
    return error.errors.map(({ path, message }) => ({ path: requestPath(path, body, read), message }));
  }
}

function requestPath(path: string, body: ReplayRequestDto, read: ReadTarget | undefined): string {
  if (path.startsWith('target.') && read !== undefined) return `target.${read.field}`;
  if (path === 'idempotencyKey') return 'Idempotency-Key';
  const field = path.replace(/^filter\./, '');
  return Array.isArray(body.after) ? field : field.replace(/^after\.0\b/, 'after');
}
