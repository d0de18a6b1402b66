import { type ValidationProblem, ValidationError } from '../error/validation-error.ts';
import { startOf, type CheckedStart } from '../live/check-start.ts';
import type { Process } from './define-process.ts';
import type { CommandHandler, RunProcessOptions } from './processes.ts';

export interface CheckedRun {
  readonly commands: Readonly<Record<string, CommandHandler>>;
  readonly from: Exclude<CheckedStart, { readonly recordedFrom: string }>;
  readonly maxAttempts: number;
  readonly backoffMs: readonly number[];
  readonly commandTimeoutMs: number;
}

const DAY_MS = 86_400_000;
export const RUN_DEFAULTS = {
  from: 'now',
  maxAttempts: 5,
  backoffMs: [1_000, 5_000, 30_000, 120_000],
  commandTimeoutMs: 60_000,
} as const satisfies Omit<Required<RunProcessOptions>, 'commands'>;

/** Fills in what is absent. @throws ValidationError with every problem */
export function checkRun(process: Process, options: RunProcessOptions): CheckedRun {
  const { commands = {} } = options;
  const maxAttempts = options.maxAttempts ?? RUN_DEFAULTS.maxAttempts;
  const backoffMs = options.backoffMs ?? RUN_DEFAULTS.backoffMs;
  const commandTimeoutMs = options.commandTimeoutMs ?? RUN_DEFAULTS.commandTimeoutMs;
  const problems: ValidationProblem[] = [];
  for (const name of process.commands) {
    if (typeof commands[name] === 'function') continue;
    problems.push({ path: `commands.${name}`, message: `must be a function: process ${process.name} declares it` });
  }
  if (!(Number.isSafeInteger(maxAttempts) && maxAttempts >= 1 && maxAttempts <= 1_000)) {
    problems.push({ path: 'maxAttempts', message: 'must be a whole number from 1 to 1,000' });
  }
  const isBackoff = Array.isArray(backoffMs) && backoffMs.length <= 20;
  if (!isBackoff || !backoffMs.every((ms) => ms >= 0 && ms <= DAY_MS)) {
    problems.push({ path: 'backoffMs', message: 'must be at most 20 numbers of milliseconds, each up to a day' });
  }
  if (!(commandTimeoutMs >= 10 && commandTimeoutMs <= DAY_MS)) {
    problems.push({ path: 'commandTimeoutMs', message: 'must be from 10 to a day in milliseconds' });
  }
  const from = startOf(options.from ?? RUN_DEFAULTS.from, 'from', problems) ?? 'now';
  if (problems.length > 0) throw new ValidationError(problems);
  if (typeof from === 'object' && 'recordedFrom' in from) {
    throw new ValidationError([{ path: 'from', message: "must be 'beginning', 'now' or { after: position }" }]);
  }
  return { commands, from, maxAttempts, backoffMs, commandTimeoutMs };
}
