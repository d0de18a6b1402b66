import { parseArgs } from 'node:util';
import { MODE_NAMES, type ModeName } from '../mode/server-mode.ts';

/** What the command line asks for. */
export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'list' }
  | { readonly kind: 'report'; readonly from: readonly string[]; readonly to: string | undefined }
  | {
      readonly kind: 'run';
      readonly quick: boolean;
      /** Empty: all. */
      readonly only: readonly string[];
      readonly modes: readonly ModeName[];
      readonly rounds: number | undefined;
      readonly seconds: number | undefined;
      readonly postgresPool: number;
      readonly json: string | undefined;
      readonly dataDir: string | undefined;
    };

/** The command line asks for something that there is not. */
export class UsageError extends Error {}

const DEFAULT_POOL = 32;
const MAX_POOL = 150;

export const USAGE = `npm run bench -- [options]

  --quick                a few operations each, to try the benchmark out
  --only <workload>      measure this one; may be given several times
  --modes <mode,…>       r1, r1-always, r3, r3-always; all unless given
  --rounds <n>           how often each contender is measured; 3, with --quick 1
  --seconds <s>          measured seconds of a round; 5
  --postgres-pool <n>    connections of the PostgreSQL pool; ${DEFAULT_POOL}
  --json <file>          where the result goes; benchmarks/results/<time>.json, with --quick nowhere
  --data-dir <dir>       where the servers keep their data while it runs; the system's temporary directory

  --list                 the workloads and their modes
  --report [file…]       writes the page from these results; from all of benchmarks/results unless given
  --out <file>           where the page goes; docs/reference/benchmarks.md`;

const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  list: { type: 'boolean' },
  report: { type: 'boolean' },
  out: { type: 'string' },
  quick: { type: 'boolean' },
  only: { type: 'string', multiple: true },
  modes: { type: 'string' },
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  'postgres-pool': { type: 'string' },
  json: { type: 'string' },
  'data-dir': { type: 'string' },
} as const;

/**
 * Reads the command line.
 *
 * @throws UsageError
 */
export function readCommand(args: readonly string[], workloadNames: readonly string[]): Command {
  const { values, positionals } = parse(args);
  if (values.help) return { kind: 'help' };
  if (values.list) return { kind: 'list' };
  if (values.report) return { kind: 'report', from: positionals, to: values.out };
  const only = [...(values.only ?? []), ...positionals].flatMap((names) => names.split(','));
  for (const name of only) {
    if (!workloadNames.includes(name))
      throw new UsageError(`There is no workload ${name}: ${workloadNames.join(', ')}.`);
  }
  return {
    kind: 'run',
    quick: values.quick ?? false,
    only,
    modes: readModes(values.modes),
    rounds: readNumber('rounds', values.rounds, 1, 100),
    seconds: readNumber('seconds', values.seconds, 0.1, 120),
    postgresPool: readNumber('postgres-pool', values['postgres-pool'], 1, MAX_POOL) ?? DEFAULT_POOL,
    json: values.json,
    dataDir: values['data-dir'],
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function readModes(text: string | undefined): readonly ModeName[] {
  if (text === undefined) return MODE_NAMES;
  return text.split(',').map((name) => {
    const mode = MODE_NAMES.find((one) => one === name);
    if (mode === undefined) throw new UsageError(`There is no mode ${name}: ${MODE_NAMES.join(', ')}.`);
    return mode;
  });
}

function readNumber(name: string, text: string | undefined, min: number, max: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  const whole = name === 'seconds' || Number.isInteger(value);
  if (text.trim() !== '' && whole && value >= min && value <= max) return value;
  throw new UsageError(
    `--${name} must be a ${name === 'seconds' ? '' : 'whole '}number from ${min} to ${max}, not ${text}.`,
  );
}
