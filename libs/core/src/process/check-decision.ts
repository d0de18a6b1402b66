import { type ValidationProblem, ValidationError } from '../error/validation-error.ts';
import type { NewEvent } from '../event/new-event.ts';
import { isThenable } from '../state/reducer-failed.ts';
import { toUtcTimestamp } from '../time/timestamp.ts';
import type { Process } from './define-process.ts';
import type {
  DecidedCommand,
  DecidedEvents,
  DecidedTimer,
  ProcessCommand,
  ProcessDecision,
  ProcessOutcome,
} from './process-decision.ts';
import type { ProcessInput } from './process-input.ts';

/** A decision whose lists are lists and whose times are times. */
export interface CheckedDecision<State> {
  readonly state: State | undefined;
  readonly emit: readonly (Omit<DecidedEvents, 'events'> & { readonly events: readonly NewEvent[] })[];
  readonly commands: readonly DecidedCommand[];
  readonly schedule: readonly { readonly name: string; readonly at: string; readonly data?: unknown }[];
  readonly cancel: readonly string[];
  readonly compensate: boolean;
  readonly end: { readonly reason: string; readonly as: ProcessOutcome } | undefined;
}

/** Of each kind, in one decision. */
const MAX_WANTED = 100;
const MAX_REASON = 1_000;
const MAX_AFTER_MS = 10 * 366 * 86_400_000;
const OUTCOMES = { event: 'ended', timeout: 'timed-out', failure: 'failed' } as const;

/**
 * Checks what a process decided.
 *
 * @param nowMs the input's time
 * @throws ValidationError with every problem
 */
export function checkDecision<State>(
  process: Pick<Process, 'commands' | 'name'>,
  input: ProcessInput,
  decided: ProcessDecision<State> | void,
  nowMs: number,
): CheckedDecision<State> | undefined {
  if (decided === undefined) return undefined;
  const problems: ValidationProblem[] = [];
  if (isThenable(decided)) fail('', 'a decision must be synchronous, handle returned a promise');
  if (typeof decided !== 'object' || decided === null) fail('', 'a decision must be an object');
  const checked = {
    state: decided.state,
    emit: listOf(decided.emit, 'emit', problems).map((part, i) => checkEvents(process, part, `emit.${i}`, problems)),
    commands: listOf(decided.commands, 'commands', problems),
    schedule: listOf(decided.schedule, 'schedule', problems).map((timer, i) =>
      checkTimer(timer, `schedule.${i}`, nowMs, problems),
    ),
    cancel: listOf(decided.cancel, 'cancel', problems),
    compensate: decided.compensate === true,
    end: endOf(decided.end, OUTCOMES[input.type], problems),
  };
  for (const [i, command] of checked.commands.entries()) {
    checkCommand(process, command, `commands.${i}`, problems);
    if (command?.undo !== undefined) checkCommand(process, command.undo, `commands.${i}.undo`, problems);
  }
  if (problems.length > 0) throw new ValidationError(problems);
  return checked;
}

function fail(path: string, message: string): never {
  throw new ValidationError([{ path, message }]);
}

function listOf<T>(value: T | readonly T[] | undefined, path: string, problems: ValidationProblem[]): readonly T[] {
  if (value === undefined) return [];
  const list = Array.isArray(value) ? (value as readonly T[]) : [value as T];
  if (list.length > MAX_WANTED) problems.push({ path, message: `must be at most ${MAX_WANTED}` });
  return list;
}

function checkEvents(
  process: Pick<Process, 'commands' | 'name'>,
  part: DecidedEvents,
  path: string,
  problems: ValidationProblem[],
): CheckedDecision<never>['emit'][number] {
  if (typeof part?.aggregate !== 'object' || part.aggregate === null) {
    problems.push({ path: `${path}.aggregate`, message: 'must be an object with type and id' });
  }
  const events = listOf(part?.events, `${path}.events`, problems);
  if (events.length === 0) problems.push({ path: `${path}.events`, message: 'must hold an event' });
  if (part?.undo !== undefined) checkCommand(process, part.undo, `${path}.undo`, problems);
  return { ...part, events };
}

function checkCommand(
  { commands, name }: Pick<Process, 'commands' | 'name'>,
  command: ProcessCommand,
  path: string,
  problems: ValidationProblem[],
): void {
  if (commands.includes(command?.name)) return;
  const message = `must be one of the commands that process ${name} declares`;
  problems.push({ path: `${path}.name`, message: `${message}, not ${JSON.stringify(command?.name)}` });
}

function checkTimer(
  timer: DecidedTimer,
  path: string,
  nowMs: number,
  problems: ValidationProblem[],
): CheckedDecision<never>['schedule'][number] {
  const { name, at, afterMs, data } = (timer ?? {}) as Partial<DecidedTimer>;
  if (typeof name !== 'string' || name === '' || name.length > 200) {
    problems.push({ path: `${path}.name`, message: 'must be a name of at most 200 characters' });
  }
  const time = dueTime(at, afterMs, nowMs);
  if (time === undefined) {
    const message = 'must have either at, an ISO 8601 date and time, or afterMs, from 0 to ten years';
    problems.push({ path, message });
  }
  return { name: name ?? '', at: time ?? '', ...(data !== undefined && { data }) };
}

function dueTime(at: unknown, afterMs: unknown, nowMs: number): string | undefined {
  if ((at === undefined) === (afterMs === undefined)) return undefined;
  if (at !== undefined) {
    const utc = toUtcTimestamp(at);
    return utc && new Date(utc).toISOString();
  }
  if (typeof afterMs !== 'number' || !(afterMs >= 0 && afterMs <= MAX_AFTER_MS)) return undefined;
  return new Date(nowMs + Math.ceil(afterMs)).toISOString();
}

function endOf(
  end: ProcessDecision<unknown>['end'],
  outcome: ProcessOutcome,
  problems: ValidationProblem[],
): CheckedDecision<never>['end'] {
  if (end === undefined) return undefined;
  const { reason, as = outcome } = typeof end === 'string' ? { reason: end } : end;
  if (typeof reason !== 'string') problems.push({ path: 'end.reason', message: 'must be a string' });
  if (!Object.values(OUTCOMES).includes(as)) {
    problems.push({ path: 'end.as', message: `must be one of ${Object.values(OUTCOMES).join(', ')}` });
  }
  return { reason: String(reason).slice(0, MAX_REASON), as };
}
