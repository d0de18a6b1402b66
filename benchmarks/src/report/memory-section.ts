import type { WorkloadResult } from '../result/bench-result.ts';
import type { Measurement } from '../result/measurement.ts';
import { figure, mebibytes, spread } from './format-figure.ts';
import { markdownTable } from './markdown-table.ts';
import { spreadOf } from './spread.ts';

const COLUMNS = [
  { title: 'contender' },
  { title: 'before, MiB', figure: true },
  { title: 'peak, MiB', figure: true },
  { title: 'growth, KiB an append in flight', figure: true },
];

/** What appends in flight cost a client in memory; empty when that was not measured. */
export function memorySection(result: WorkloadResult | undefined, inFlight: number): string {
  const rows = (result?.entrants ?? [])
    .filter(({ rounds }) => rounds.length > 0)
    .map(({ name, rounds }) => {
      const of = (value: (round: Measurement) => number, format: (value: number) => string) =>
        spread(spreadOf(rounds.map(value)), format);
      return [
        name,
        of(({ clientBaseBytes }) => clientBaseBytes, mebibytes),
        of(({ clientPeakBytes }) => clientPeakBytes, mebibytes),
        of(({ clientBaseBytes, clientPeakBytes }) => (clientPeakBytes - clientBaseBytes) / 1024 / inFlight, figure),
      ];
    });
  return rows.length === 0 ? '' : markdownTable(COLUMNS, rows);
}
