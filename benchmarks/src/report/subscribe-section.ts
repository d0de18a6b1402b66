import type { EntrantResult, WorkloadResult } from '../result/bench-result.ts';
import type { Measurement } from '../result/measurement.ts';
import { figure, mebibytes, spread } from './format-figure.ts';
import { markdownTable } from './markdown-table.ts';
import { spreadOf } from './spread.ts';

const BASE = 'raw';

const COLUMNS = [
  { title: 'contender' },
  { title: 'events/s', figure: true },
  { title: `to ${BASE}`, figure: true },
  { title: 'most in hand', figure: true },
  { title: 'before, MiB', figure: true },
  { title: 'peak, MiB', figure: true },
];

/** Rates beside the raw client's, and what subscriptions hold in memory; empty where they were not measured. */
export function subscribeSection(result: WorkloadResult | undefined): string {
  const entrants = (result?.entrants ?? []).filter(({ rounds }) => rounds.length > 0);
  const base = medianRate(entrants.find(({ name }) => name === BASE));
  const rows = entrants.map(({ name, rounds }) => {
    const of = (value: (round: Measurement) => number | undefined, format?: (value: number) => string) =>
      spread(spreadOf(rounds.map(value).filter((found) => found !== undefined)), format);
    return [
      name,
      of(({ eventsPerSecond }) => eventsPerSecond),
      base === undefined ? '–' : of(({ eventsPerSecond }) => eventsPerSecond / base, figure),
      // The raw client does not count what it holds.
      of(({ counts }) => counts.inHandPeak || undefined),
      of(({ clientBaseBytes }) => clientBaseBytes, mebibytes),
      of(({ clientPeakBytes }) => clientPeakBytes, mebibytes),
    ];
  });
  return rows.length === 0 ? '' : markdownTable(COLUMNS, rows);
}

function medianRate(entrant: EntrantResult | undefined): number | undefined {
  return spreadOf((entrant?.rounds ?? []).map(({ eventsPerSecond }) => eventsPerSecond))?.median;
}
