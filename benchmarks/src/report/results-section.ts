import { MODES } from '../mode/server-mode.ts';
import type { EntrantResult, WorkloadResult } from '../result/bench-result.ts';
import type { Measurement } from '../result/measurement.ts';
import { mebibytes, spread } from './format-figure.ts';
import { markdownTable } from './markdown-table.ts';
import { spreadOf } from './spread.ts';

const COLUMNS = [
  { title: 'server' },
  { title: 'contender' },
  { title: 'events/s', figure: true },
  { title: 'timed' },
  { title: 'p50 ms', figure: true },
  { title: 'p99 ms', figure: true },
  { title: 'client peak MiB', figure: true },
  { title: 'servers MiB', figure: true },
  { title: 'client CPU s', figure: true },
  { title: 'servers CPU s', figure: true },
  { title: 'CPU µs an event', figure: true },
];

/** All figures of one workload, all of its modes in one table. */
export function resultsSection(results: readonly WorkloadResult[]): string {
  const { title, description } = results[0]!;
  const rows = results.flatMap(({ mode, entrants }) =>
    entrants.flatMap((entrant) => entrantRows(MODES[mode].title, entrant)),
  );
  return `### ${capitalised(title)}\n\n${description}\n\n${markdownTable(COLUMNS, rows)}\n`;
}

function entrantRows(server: string, { name, rounds, skipped, failed }: EntrantResult): readonly (readonly string[])[] {
  if (rounds.length === 0) {
    const why = skipped !== undefined ? `skipped: ${skipped}` : `failed: ${failed ?? 'not measured'}`;
    return [[server, name, why, ...COLUMNS.slice(3).map(() => '')]];
  }
  const of = (figure: (round: Measurement) => number | undefined, format?: (value: number) => string) =>
    spread(spreadOf(rounds.map(figure).filter((value) => value !== undefined)), format);
  const usage = [
    of((round) => round.clientPeakBytes, mebibytes),
    of((round) => round.serverMemoryBytes, mebibytes),
    of((round) => round.clientCpuSeconds),
    of((round) => round.serverCpuSeconds),
    of((round) => ((round.clientCpuSeconds + (round.serverCpuSeconds ?? Number.NaN)) / round.events) * 1e6),
  ];
  const rate = of((round) => round.eventsPerSecond) + (failed === undefined ? '' : `, then failed: ${failed}`);
  return Object.keys(rounds[0]!.latencies).map((timed, row) => [
    server,
    name,
    row === 0 ? rate : '',
    timed,
    of((round) => round.latencies[timed]?.p50),
    of((round) => round.latencies[timed]?.p99),
    ...(row === 0 ? usage : usage.map(() => '')),
  ]);
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
