import { MODES } from '../mode/server-mode.ts';
import type { WorkloadResult } from '../result/bench-result.ts';
import { type Target, TARGETS } from '../workload/targets.ts';
import type { Workload } from '../workload/workload.ts';
import { figure, spread } from './format-figure.ts';
import { judgeTarget, type Verdict } from './judge-target.ts';
import { markdownTable } from './markdown-table.ts';

const SIDES: Readonly<Record<string, string>> = {
  annals: 'the library',
  'annals-cached': 'the library, cached',
  'annals-small': 'the small store',
  'annals-large': 'the large store',
  'annals-slow': 'a slow handler',
  raw: 'the raw client',
  short: 'the short aggregate',
  long: 'the long aggregate',
  postgres: 'the PostgreSQL table',
  gateway: 'the gateway',
};

/** Under which a note to a target is kept. */
export function noteKey({ workload, mode, of, against, metric }: Target): string {
  return [workload, mode, of, against ?? '-', metric].join('/');
}

/** The table of targets. */
export function targetsSection(
  results: readonly WorkloadResult[],
  workloads: readonly Workload[],
  notes: Readonly<Record<string, string>>,
): string {
  const rows = TARGETS.map((target) => judgeTarget(target, results)).map((verdict) => [
    workloads.find(({ name }) => name === verdict.target.workload)?.title ?? verdict.target.workload,
    MODES[verdict.target.mode].title,
    compared(verdict.target),
    bound(verdict.target),
    reached(verdict),
    verdict.target.sketch ?? '–',
    notes[noteKey(verdict.target)] ?? '',
  ]);
  const columns = [
    { title: 'workload' },
    { title: 'server' },
    { title: 'compared' },
    { title: 'target', figure: true },
    { title: 'reached', figure: true },
    { title: 'earlier sketch', figure: true },
    { title: 'note' },
  ];
  return markdownTable(columns, rows);
}

function compared({ of, against, metric }: Target): string {
  const what = metric === 'rate' ? '' : `${metric} of `;
  const side = SIDES[of] ?? of;
  const unit = /^p\d/.test(metric) ? ', ms' : '';
  return against === undefined ? `${what}${side}${unit}` : `${what}${side} to ${SIDES[against] ?? against}`;
}

function bound({ bound }: Target): string {
  return 'atLeast' in bound ? `≥ ${bound.atLeast}` : `≤ ${bound.atMost}`;
}

function reached({ reached, met, missing }: Verdict): string {
  if (reached === undefined) return missing ?? '–';
  return `${met ? '' : '**missed** '}${spread(reached, figure)}`;
}
