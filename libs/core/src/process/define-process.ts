import type { AppendPart } from '../append/append.ts';
import { type ValidationProblem, ValidationError, isValidationError } from '../error/validation-error.ts';
import type { RecordedEvent } from '../event/event-message.ts';
import { checkFilter } from '../read/check-read.ts';
import { subscriptionNameProblem } from '../subscribe/check-subscription.ts';
import type { ProcessDecision } from './process-decision.ts';
import type { ProcessInput, ProcessTools } from './process-input.ts';

/** How something goes on over several aggregates: from the event that starts it to its end. */
export interface ProcessDefinition<State> {
  /** 1–100 characters of `A-Z a-z 0-9 _ - . :`. */
  readonly name: string;
  /** Of the state's shape, from 1; 1 unless given. Raise it together with an `upgrade`. */
  readonly version?: number | undefined;
  /** Types or patterns of the events that start an instance where there is none of their key. */
  readonly startsOn: readonly string[];
  /** Types or patterns of the events that an instance gets beside those; at most 100 together. */
  readonly reactsTo?: readonly string[] | undefined;
  /**
   * The instance that an event belongs to, as a key of at most 200 bytes; undefined: none. The correlation id unless given.
   * Instances of different tenants are never the same. Pure and synchronous.
   */
  readonly correlate?: ((event: RecordedEvent) => string | undefined) | undefined;
  readonly initialState: State | (() => State);
  /**
   * Decides. Pure and synchronous: it may be called again with the same state and input, and what it wants is done by the
   * runner. Nothing returned for an event or a timeout means that there is nothing to do (and does not start an instance);
   * for a failure it means that the instance ends as failed and is compensated.
   */
  readonly handle: (
    state: State,
    input: ProcessInput,
    tools: ProcessTools,
  ) => ProcessDecision<State> | undefined | void;
  /** Names of the commands that `handle` may want: running the process needs a function for each. */
  readonly commands?: readonly string[] | undefined;
  /** Brings the state of an older version to this one. */
  readonly upgrade?: ((state: unknown, fromVersion: number) => State) | undefined;
  /** Milliseconds that an instance is kept once it is over; 30 days. As long as it is kept, its key starts no other. */
  readonly keepEndedMs?: number | undefined;
}

/** A {@link ProcessDefinition} that was checked. */
export interface Process<State = unknown> extends ProcessDefinition<State> {
  readonly version: number;
  readonly reactsTo: readonly string[];
  readonly commands: readonly string[];
  readonly correlate: (event: RecordedEvent) => string | undefined;
  readonly keepEndedMs: number;
  /** What a stored event is today; itself unless given. For what wraps a store. */
  readonly read?: ((stored: RecordedEvent) => readonly RecordedEvent[] | Promise<readonly RecordedEvent[]>) | undefined;
  /** Checks events before they are appended. For what wraps a store. */
  readonly checkEmitted?: ((part: AppendPart) => Promise<AppendPart>) | undefined;
}

const DAY_MS = 86_400_000;
const KEEP_ENDED_MS = 30 * DAY_MS;
const MAX_KEEP_MS = 3_650 * DAY_MS;
const MAX_COMMANDS = 100;

/**
 * Declares a process manager.
 *
 * @throws ValidationError with every problem
 * @example
 * const trial = defineProcess({
 *   name: 'trial',
 *   startsOn: ['account.opened'],
 *   reactsTo: ['account.paid'],
 *   correlate: ({ aggregateId }) => aggregateId,
 *   initialState: {},
 *   handle: (_, input, { key }) => {
 *     if (input.type === 'timeout')
 *       return { emit: { aggregate: { type: 'account', id: key }, events: { type: 'account.closed', data: {} } }, end: 'never paid' };
 *     if (input.type !== 'event') return;
 *     return input.event.type === 'account.paid' ? { end: 'paid' } : { schedule: { name: 'trial-over', afterMs: 14 * 86_400_000 } };
 *   },
 * });
 */
export function defineProcess<State>(definition: ProcessDefinition<State>): Process<State> {
  const { name, version = 1, startsOn, reactsTo = [], commands = [], keepEndedMs = KEEP_ENDED_MS } = definition;
  const problems: ValidationProblem[] = [];
  const problem = (path: string, message: string): void => void problems.push({ path, message });
  const nameProblem = subscriptionNameProblem(name);
  if (nameProblem !== undefined) problem('name', nameProblem);
  if (!isWhole(version, 1, Number.MAX_SAFE_INTEGER)) problem('version', 'must be a whole number from 1');
  if (!Array.isArray(startsOn) || startsOn.length === 0) problem('startsOn', 'must name at least one event type');
  else checkTypes([...startsOn, ...reactsTo], problems);
  if (!isWhole(keepEndedMs, 1_000, MAX_KEEP_MS)) problem('keepEndedMs', 'must be from 1,000 to ten years');
  if (commands.length > MAX_COMMANDS) problem('commands', `must be at most ${MAX_COMMANDS}`);
  for (const [i, command] of commands.entries()) {
    const wrong = subscriptionNameProblem(command);
    if (wrong !== undefined) problem(`commands.${i}`, wrong);
  }
  for (const path of ['handle', 'correlate', 'upgrade'] as const) {
    if (typeof definition[path] === 'function' || (path !== 'handle' && definition[path] === undefined)) continue;
    problem(path, 'must be a function');
  }
  if (definition.initialState === undefined) problem('initialState', 'must be given');
  if (problems.length > 0) throw new ValidationError(problems);
  const correlate = definition.correlate ?? (({ correlationId }) => correlationId);
  return { ...definition, version, reactsTo, commands, keepEndedMs, correlate };
}

/** Types or patterns of all events that a process gets. */
export function eventTypesOf(process: Pick<Process, 'startsOn' | 'reactsTo'>): readonly string[] {
  return [...new Set([...process.startsOn, ...process.reactsTo])];
}

function checkTypes(eventTypes: readonly string[], problems: ValidationProblem[]): void {
  try {
    checkFilter({ eventTypes: [...new Set(eventTypes)] });
  } catch (error) {
    if (!isValidationError(error)) throw error;
    problems.push(...error.errors);
  }
}

function isWhole(value: number, from: number, to: number): boolean {
  return Number.isSafeInteger(value) && value >= from && value <= to;
}
