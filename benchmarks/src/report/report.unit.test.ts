import { describe, expect, it } from '@jest/globals';
import type { BenchResult, EntrantResult, WorkloadResult } from '../result/bench-result.ts';
import type { Measurement } from '../result/measurement.ts';
import { FULL } from '../workload/scale.ts';
import { TARGETS } from '../workload/targets.ts';
import { workloads } from '../workload/workloads.ts';
import { figureOf } from './figures.ts';
import { judgeTarget } from './judge-target.ts';
import { renderReport } from './render-report.ts';
import { noteKey } from './targets-section.ts';
import { spreadOf } from './spread.ts';

const all = workloads(FULL);
const target = TARGETS.find(({ workload, mode, against }) => `${workload}/${mode}/${against}` === 'append-64/r1/raw')!;

function measured(eventsPerSecond: number): Measurement {
  return {
    operations: 100,
    events: 100,
    written: 100,
    seconds: 1,
    latencies: { append: { operations: 100, p50: 1, p99: 2, max: 3 } },
    counts: {},
    eventsPerSecond,
    operationsPerSecond: eventsPerSecond,
    clientCpuSeconds: 0.5,
    serverCpuSeconds: 0.5,
    clientBaseBytes: 1024 ** 2,
    clientPeakBytes: 3 * 1024 ** 2,
    serverMemoryBytes: 2 * 1024 ** 2,
    details: { plain: 10, batches: 5, batchMessages: 90, largestBatch: 40, refused: 0 },
  };
}

function entrant(name: string, ...rates: number[]): EntrantResult {
  return { name, rounds: rates.map(measured) };
}

function result(entrants: readonly EntrantResult[], finishedAt = '2026-01-01T00:00:00.000Z'): WorkloadResult {
  return { workload: 'append-64', title: 'single appends', description: 'Many.', mode: 'r1', finishedAt, entrants };
}

function run(results: readonly WorkloadResult[]): BenchResult {
  return {
    format: 1,
    quick: false,
    command: 'npm run bench',
    startedAt: '2026-01-01T00:00:00.000Z',
    rounds: 3,
    secondsPerRound: 5,
    postgresPool: 32,
    machine: {
      cpu: 'a processor',
      cores: 2,
      memoryBytes: 8 * 1024 ** 3,
      system: 'Linux 6',
      fileSystem: 'ext4',
      node: '20.19.0',
      natsServer: '2.15.1',
      natsClient: '3.4.0',
    },
    results,
  };
}

describe('a figure', () => {
  const round: Measurement = { ...measured(7), counts: { inHandPeak: 9 } };

  it.each([
    ['rate', 7],
    ['events in hand', 9],
    ['peak memory', 3 * 1024 ** 2],
    ['p50 append', 1],
    ['p99 append', 2],
    ['p99 load', undefined],
  ] as const)('of the metric %s is found in a round', (metric, expected) => {
    expect(figureOf(round, metric)).toBe(expected);
  });
});

describe('a target', () => {
  it('is judged by the ratio of medians, with the ratios of the rounds beside it', () => {
    const verdict = judgeTarget(target, [result([entrant('raw', 100, 200, 150), entrant('annals', 300, 240, 300)])]);
    expect(verdict.reached).toEqual({ median: 2, min: 1.2, max: 3 });
    expect(verdict.met).toBe(true);
  });

  it('is missed when the ratio is too small', () => {
    const verdict = judgeTarget(target, [result([entrant('raw', 100), entrant('annals', 119)])]);
    expect(verdict.met).toBe(false);
  });

  it('is not judged when a side is missing, and says why', () => {
    const skipped: EntrantResult = { name: 'raw', rounds: [], skipped: 'none here' };
    expect(judgeTarget(target, [])).toEqual({ target, missing: 'not run' });
    expect(judgeTarget(target, [result([skipped, entrant('annals', 1)])]).missing).toBe('raw skipped: none here');
    expect(judgeTarget(target, [result([entrant('raw', 1)])]).missing).toBe('annals was not measured');
  });

  it('names a workload, a mode and entrants that exist', () => {
    for (const { workload, mode, of, against } of TARGETS) {
      const found = all.find(({ name }) => name === workload);
      expect(found?.modes).toContain(mode);
      const names = found!.entrants(mode).map(({ name }) => name);
      expect(names).toEqual(expect.arrayContaining(against === undefined ? [of] : [of, against]));
    }
  });
});

describe('the report', () => {
  it('takes of each workload the run that came last, and shows notes, misses and group commits', () => {
    const older = run([result([entrant('raw', 100), entrant('annals', 900)])]);
    const newer = run([result([entrant('raw', 100), entrant('annals', 110)], '2026-01-02T00:00:00.000Z')]);
    const page = renderReport([newer, older], all, { [noteKey(target)]: 'explained here' });
    expect(page).toContain('**missed** 1.1 | 1.46 | explained here |');
    expect(page).not.toContain('900');
    expect(page).toContain('| single appends | R1 | 10 | 5 | 18 | 40 | 0 |');
    expect(page).toContain('| PostgreSQL | **none: its figures are missing** |');
  });

  it('shows what subscriptions hold, and their rates beside that of the raw client', () => {
    const holding = (name: string, rate: number, inHandPeak: number): EntrantResult => {
      return { name, rounds: [{ ...measured(rate), counts: { inHandPeak } }] };
    };
    const entrants = [holding('raw', 400, 0), holding('annals', 300, 5), holding('annals-slow', 8, 32)];
    const page = renderReport([run([{ ...result(entrants), workload: 'subscribe' }])], all, {});
    expect(page).toContain('## Subscriptions');
    expect(page).toContain('| raw | 400 | 1 | – | 1 | 3 |');
    expect(page).toContain('| annals | 300 | 0.75 | 5 | 1 | 3 |');
    expect(page).toContain('| events in hand of a slow handler | ≤ 500 | 32 |');
  });

  it('warns of a quick run', () => {
    expect(renderReport([{ ...run([]), quick: true }], all, {})).toContain('too small to conclude anything');
  });
});

describe('a spread', () => {
  it('has the middle figure, or the mean of the two in the middle', () => {
    expect(spreadOf([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
    expect(spreadOf([4, 1, 2, 3])?.median).toBe(2.5);
    expect(spreadOf([])).toBeUndefined();
  });
});
