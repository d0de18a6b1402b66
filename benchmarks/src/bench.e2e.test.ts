import { execFile, spawn } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { provisionNatsServer } from '@annals/tools/nats-server';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { BenchResult } from './result/bench-result.ts';

const PROGRAM = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const run = promisify(execFile);
const { path: NATS_SERVER_BINARY } = await provisionNatsServer();
const env = { ...process.env, NATS_SERVER_BINARY, NODE_OPTIONS: '' };

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'annals-bench-e2e-'));
  await chmod(directory, 0o711); // as root PostgreSQL runs as another user, who must get through
});

afterEach(() => rm(directory, { recursive: true }));

/** Runs the built program to its end; a failure shows all that it said. */
async function bench(...args: string[]): Promise<void> {
  await run(process.execPath, [PROGRAM, ...args], { env, timeout: 120_000 }).catch((error: { stdout: string }) => {
    throw new Error(`${String(error)}\n${error.stdout}`, { cause: error });
  });
}

/** Commands of processes that still work below the directory; none are found where there is no /proc. */
async function leftovers(): Promise<string[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const commands = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return commands.filter((command) => command.includes(directory));
}

describe('the benchmark', () => {
  it('measures contenders side by side, writes what it measured and leaves nothing running', async () => {
    const json = join(directory, 'result.json');
    const which = ['--only', 'append-64,read-10', '--modes', 'r1', '--rounds', '2'];
    await bench('--quick', ...which, '--json', json, '--data-dir', directory);

    const result = JSON.parse(await readFile(json, 'utf8')) as BenchResult;
    expect(result).toMatchObject({ format: 1, quick: true, rounds: 2 });
    expect(result.machine.natsServer).toMatch(/^\d+\.\d+\.\d+/);
    expect(result.results.map(({ workload, mode }) => `${workload} ${mode}`)).toEqual(['append-64 r1', 'read-10 r1']);
    for (const { entrants } of result.results) {
      expect(entrants.slice(0, 3).map(({ name }) => name)).toEqual(['raw', 'annals', 'postgres']);
      for (const { name, rounds, skipped, failed } of entrants) {
        expect(failed).toBeUndefined();
        if (name === 'postgres' && skipped !== undefined) continue;
        expect(rounds).toHaveLength(2);
        for (const round of rounds) {
          expect(round.events).toBeGreaterThan(0);
          expect(round.eventsPerSecond).toBeCloseTo(round.events / round.seconds);
          expect(round.clientPeakBytes).toBeGreaterThanOrEqual(round.clientBaseBytes / 2);
          expect(Object.values(round.latencies)[0]?.p99).toBeGreaterThan(0);
        }
      }
    }
    expect(await readdir(directory)).toEqual(['result.json']);
    expect(await leftovers()).toEqual([]);
  }, 150_000);

  it('measures entrants beside one another on the same servers, and what needs no server', async () => {
    const json = join(directory, 'result.json');
    await bench('--quick', '--only', 'snapshot-load,upcast', '--json', json, '--data-dir', directory);
    const { results } = JSON.parse(await readFile(json, 'utf8')) as BenchResult;
    const rows = results
      .flatMap(({ entrants }) => entrants)
      .map(({ name, rounds, failed }) => {
        expect(failed).toBeUndefined();
        expect(rounds[0]!.events).toBeGreaterThan(0);
        return name;
      });
    const migrations = ['declarative', 'function'].flatMap((form) => [1, 2, 3].map((steps) => `${form}-${steps}`));
    expect(rows).toEqual(['short', 'long', 'long-folded', ...migrations]);
    expect(await leftovers()).toEqual([]);
  }, 90_000);

  it('writes the page from a result', async () => {
    const json = join(directory, 'result.json');
    const page = join(directory, 'page.md');
    await bench('--quick', '--only', 'sequential', '--modes', 'r1', '--json', json);
    await bench('--report', json, '--out', page);
    const text = await readFile(page, 'utf8');
    expect(text).toContain('### One writer after the other');
    expect(text).toMatch(/\| one writer after the other +\| R1 +\| the library to the raw client +\| +≥ 1 \|/);
  }, 90_000);

  it('stops its servers and removes their data when it is interrupted', async () => {
    const args = [PROGRAM, '--only', 'scan-1m', '--modes', 'r1', '--data-dir', directory];
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    const exited = new Promise<number | null>((resolve) => child.on('exit', resolve));
    await new Promise<void>((resolve, reject) => {
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        if (said.includes('scan-1m on r1')) resolve();
      });
      void exited.then(() => reject(new Error(`it ended: ${said}`)));
    });
    child.kill('SIGINT');
    expect(await exited).toBe(130);
    expect(await readdir(directory)).toEqual([]);
    expect(await leftovers()).toEqual([]);
  }, 60_000);

  it('says what is wrong with its command line', async () => {
    const failure = run(process.execPath, [PROGRAM, '--only', 'nothing'], { env });
    await expect(failure).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('no workload nothing') });
  });
});
