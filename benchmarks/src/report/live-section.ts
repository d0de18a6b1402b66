import { MODES } from '../mode/server-mode.ts';
import type { WorkloadResult } from '../result/bench-result.ts';
import type { Measurement } from '../result/measurement.ts';
import { figure, mebibytes, spread } from './format-figure.ts';
import { markdownTable } from './markdown-table.ts';
import { spreadOf } from './spread.ts';

const COLUMNS = [
  { title: 'server' },
  { title: 'load' },
  { title: 'clients', figure: true },
  { title: 'filters', figure: true },
  { title: 'posted/s', figure: true },
  { title: 'received/s', figure: true },
  { title: 'p50 ms', figure: true },
  { title: 'p99 ms', figure: true },
  { title: 'behind the ack, p50 ms', figure: true },
  { title: 'p99 ms', figure: true },
  { title: 'gateway MiB', figure: true },
  { title: 'gateway CPU, % of a core', figure: true },
];

/** What live clients got, and what that cost the gateway; empty where it was not measured. */
export function liveSection(results: readonly WorkloadResult[]): string {
  const rows = results.flatMap(({ mode, entrants }) =>
    entrants.flatMap(({ name, rounds }) => {
      if (rounds.length === 0 || rounds[0]!.counts.clients === undefined) return [];
      const of = (value: (round: Measurement) => number, format?: (value: number) => string) =>
        spread(spreadOf(rounds.map(value)), format);
      const { clients, filters } = rounds[0]!.counts;
      return [
        [
          MODES[mode].title,
          name,
          figure(clients!),
          figure(filters!),
          of((round) => round.operationsPerSecond),
          of((round) => round.eventsPerSecond),
          of((round) => round.latencies.delivery?.p50 ?? Number.NaN),
          of((round) => round.latencies.delivery?.p99 ?? Number.NaN),
          of((round) => round.latencies.receipt?.p50 ?? Number.NaN),
          of((round) => round.latencies.receipt?.p99 ?? Number.NaN),
          of((round) => round.counts.gatewayMemoryBytes ?? Number.NaN, mebibytes),
          of((round) => (100 * (round.counts.gatewayCpuSeconds ?? Number.NaN)) / round.seconds),
        ],
      ];
    }),
  );
  return rows.length === 0 ? '' : markdownTable(COLUMNS, rows);
}
