import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { provisionNatsServer } from '@annals/tools/nats-server';
import { machineFacts } from '../machine/machine-facts.ts';
import { findPostgres } from '@annals/testing';
import { type BenchResult, RESULT_FORMAT, type WorkloadResult } from '../result/bench-result.ts';
import { writeResult } from '../result/result-file.ts';
import { runBenchmarks } from '../run/run-benchmarks.ts';
import type { RunOptions } from '../run/run-options.ts';
import { FULL, QUICK } from '../workload/scale.ts';
import { workloads } from '../workload/workloads.ts';
import type { Command } from './read-command.ts';
import { RESULTS_DIRECTORY } from './files.ts';

const LINE = '='.repeat(78);

/** Measures, and writes what was measured after each workload. Returns false when something failed. */
export async function runCommand(
  command: Extract<Command, { kind: 'run' }>,
  args: readonly string[],
  signal: AbortSignal,
  log: (line: string) => void,
): Promise<boolean> {
  const base = command.quick ? QUICK : FULL;
  const scale = { ...base, seconds: command.seconds ?? base.seconds };
  const dataDir = await makeDataDir(command.dataDir);
  try {
    const nats = await provisionNatsServer({ log });
    const postgres = await findPostgres(process.env);
    if (!postgres) log(`${LINE}\nThis machine has no PostgreSQL: all comparisons with it are SKIPPED.\n${LINE}`);
    const machine = await machineFacts(dataDir, { natsServer: nats.version, postgres: postgres?.version });
    if (machine.fileSystem === 'tmpfs')
      log(`${LINE}\n${dataDir} is in memory: fsync means nothing. Use --data-dir.\n${LINE}`);
    const options: RunOptions = {
      scale,
      workloads: workloads(scale).filter(({ name }) => command.only.length === 0 || command.only.includes(name)),
      modes: command.modes,
      rounds: command.rounds ?? (command.quick ? 1 : 3),
      sources: { natsBinary: nats.path, postgres, postgresPool: command.postgresPool },
      dataDir,
      signal,
      log,
    };
    const startedAt = new Date();
    const result: Omit<BenchResult, 'results'> = {
      format: RESULT_FORMAT,
      quick: command.quick,
      command: ['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' '),
      startedAt: startedAt.toISOString(),
      rounds: options.rounds,
      secondsPerRound: scale.seconds,
      postgresPool: command.postgresPool,
      machine,
    };
    const file = command.json ?? (command.quick ? undefined : defaultFile(startedAt));
    const results: WorkloadResult[] = [];
    await runBenchmarks(options, async (one) => {
      results.push(one);
      if (file !== undefined) await writeResult(file, { ...result, results });
    });
    log(file === undefined ? '\nDone.' : `\nWritten to ${file}`);
    return !results.some(({ entrants }) => entrants.some(({ failed }) => failed !== undefined));
  } finally {
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }
}

/** A directory of this run alone. Others may pass through it: PostgreSQL may have to run as another user. */
async function makeDataDir(below: string | undefined): Promise<string> {
  const path = await mkdtemp(join(below ?? tmpdir(), 'annals-bench-'));
  await chmod(path, 0o711);
  return path;
}

function defaultFile(startedAt: Date): string {
  return join(RESULTS_DIRECTORY, `${startedAt.toISOString().slice(0, 19).replaceAll(':', '-')}.json`);
}
