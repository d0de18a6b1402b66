import type { ModeName } from '../mode/server-mode.ts';

/** What is timed and has a target. */
type Timed = 'read' | 'append' | 'history' | 'delivery' | 'load' | 'step';

/**
 * A figure of an entrant: events a second, a quantile of what it timed, the most events in hand, or the peak of the
 * client's resident memory.
 */
export type Metric = 'rate' | 'events in hand' | 'peak memory' | `${'p50' | 'p99'} ${Timed}`;

/** What a workload should reach. Ratios are of medians within one run. */
export interface Target {
  readonly workload: string;
  readonly mode: ModeName;
  readonly of: string;
  readonly metric: Metric;
  /** Absent: the bound is for the figure itself; of what is timed in milliseconds. */
  readonly against?: string;
  readonly bound: { readonly atLeast: number } | { readonly atMost: number };
  /** What an earlier sketch of the append path reached on another machine, for orientation. */
  readonly sketch?: string;
}

const annals = { of: 'annals', metric: 'rate' } as const;

/** A rate of the library against another contender's. */
function faster(workload: string, mode: ModeName, against: string, atLeast: number, sketch?: string): Target {
  return { ...annals, workload, mode, against, bound: { atLeast }, ...(sketch !== undefined && { sketch }) };
}

/** All targets, in the order of the report. */
export const TARGETS: readonly Target[] = [
  faster('append-64', 'r1', 'raw', 1.2, '1.46'),
  faster('append-64', 'r1', 'postgres', 1, '2.8 to a durable one'),
  faster('append-64', 'r1-always', 'raw', 2.5, '2.9'),
  faster('append-64', 'r1-always', 'postgres', 1.2, '1.47'),
  faster('append-64', 'r3', 'raw', 1.3, '1.55'),
  faster('append-64', 'r3-always', 'raw', 1.2, '1.43'),
  faster('append-64', 'r3-always', 'postgres', 1.4, '1.66'),
  faster('append-256', 'r1-always', 'raw', 4, '4.7'),
  faster('append-256', 'r1-always', 'postgres', 2, '2.4'),
  faster('batch-10', 'r1', 'raw', 5, '7.2'),
  faster('batch-10', 'r1', 'postgres', 0.8, '1.17 to a durable one'),
  faster('batch-10', 'r1-always', 'raw', 5, '6.0'),
  faster('batch-10', 'r1-always', 'postgres', 1.05, '1.15'),
  faster('batch-10', 'r3', 'raw', 1.05, '1.12'),
  faster('batch-10', 'r3-always', 'raw', 1.05, '1.18'),
  faster('batch-10', 'r3-always', 'postgres', 1, '1.02'),
  faster('sequential', 'r1', 'raw', 1, '1.12'),
  faster('sequential', 'r1', 'postgres', 1),
  faster('sequential', 'r1-always', 'raw', 1, '1.11'),
  faster('sequential', 'r1-always', 'postgres', 0.75, '0.80'),
  faster('contended', 'r1', 'raw', 1.8, '2.17'),
  faster('contended', 'r1', 'postgres', 1),
  faster('contended', 'r1-always', 'raw', 1.5, '1.78'),
  faster('contended', 'r1-always', 'postgres', 1.5, '1.68'),
  faster('read-10', 'r1', 'raw', 1.5, '1.65'),
  faster('read-10', 'r1', 'postgres', 0.9, '0.95'),
  { ...faster('read-10', 'r1', 'postgres', 5, '10.5'), of: 'annals-cached' },
  faster('fold', 'r1', 'raw', 0.9, '0.94'),
  faster('fold', 'r1', 'postgres', 0.3, '0.33'),
  faster('scan-30k', 'r1', 'raw', 1.15, '1.18'),
  faster('scan-30k', 'r1', 'postgres', 0.65, '0.65'),
  faster('scan-1m', 'r1', 'raw', 1.15),
  faster('scan-1m', 'r1', 'postgres', 0.9),
  { ...small('read'), bound: { atMost: 1.5 } },
  { ...small('append'), bound: { atMost: 1.5 } },
  faster('subscribe', 'r1', 'raw', 0.5),
  { ...slow('events in hand'), bound: { atMost: 500 } },
  { ...slow('peak memory'), against: 'annals', bound: { atMost: 1.1 } },
  { ...loaded('p50'), bound: { atMost: 2 } },
  { ...loaded('p99'), bound: { atMost: 2 } },
  ...[1, 2, 3].flatMap((steps) => [upcast(`declarative-${steps}`), upcast(`function-${steps}`)]),
  { ...faster('post-events', 'r1', 'annals', 0.4), of: 'gateway' },
  { workload: 'get-history', mode: 'r1', of: 'gateway', metric: 'p99 history', bound: { atMost: 15 } },
  { workload: 'live', mode: 'r1', of: 'live-all', metric: 'p99 delivery', bound: { atMost: 50 } },
  { workload: 'live', mode: 'r1', of: 'live-groups', metric: 'p99 delivery', bound: { atMost: 50 } },
];

function slow(metric: Metric) {
  return { workload: 'subscribe', mode: 'r1', of: 'annals-slow', metric } as const;
}

function loaded(quantile: 'p50' | 'p99') {
  return { workload: 'snapshot-load', mode: 'r1', of: 'long', against: 'short', metric: `${quantile} load` } as const;
}

/** 5 µs an event and step. */
function upcast(of: string): Target {
  return { workload: 'upcast', mode: 'r1', of, metric: 'p99 step', bound: { atMost: 0.005 } };
}

function small(timed: 'read' | 'append') {
  return {
    workload: 'entity',
    mode: 'r1',
    of: 'annals-large',
    against: 'annals-small',
    metric: `p99 ${timed}`,
  } as const;
}
