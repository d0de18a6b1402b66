import { MODES } from '../mode/server-mode.ts';
import type { WorkloadResult } from '../result/bench-result.ts';
import type { Measurement } from '../result/measurement.ts';
import { spread } from './format-figure.ts';
import { markdownTable } from './markdown-table.ts';
import { spreadOf } from './spread.ts';

const COLUMNS = [
  { title: 'workload' },
  { title: 'server' },
  { title: 'plain publishes', figure: true },
  { title: 'batches', figure: true },
  { title: 'events a batch', figure: true },
  { title: 'largest batch', figure: true },
  { title: 'refused commits', figure: true },
];

/** How the library gathered appends into commits; empty when it did not tell. */
export function commitsSection(results: readonly WorkloadResult[]): string {
  const rows = results.flatMap(({ title, mode, entrants }) => {
    const rounds = entrants.find(({ name }) => name === 'annals')?.rounds.filter(tells) ?? [];
    if (rounds.length === 0) return [];
    const of = (figure: (details: Readonly<Record<string, number>>) => number) =>
      spread(spreadOf(rounds.map(({ details }) => figure(details))));
    return [
      [
        title,
        MODES[mode].title,
        of(({ plain }) => plain!),
        of(({ batches }) => batches!),
        of(({ batches, batchMessages }) => (batches === 0 ? 0 : batchMessages! / batches!)),
        of(({ largestBatch }) => largestBatch ?? 0),
        of(({ refused }) => refused ?? 0),
      ],
    ];
  });
  return rows.length === 0 ? '' : markdownTable(COLUMNS, rows);
}

/** True when it counted commits and there were some. */
function tells({ details }: Measurement): boolean {
  return (details.plain ?? 0) + (details.batches ?? 0) > 0;
}
