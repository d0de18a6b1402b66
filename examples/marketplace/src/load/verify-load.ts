import type { EventStats } from '@annals/core';
import type { LoadReport } from './load-report.ts';

/** A count that is not what it must be after a load. */
export interface Discrepancy {
  readonly what: string;
  readonly expected: number;
  readonly actual: number;
}

/**
 * Compares the store's own counts before and after a load with what was appended. Nothing else must have been written
 * in between.
 *
 * @returns empty when all counts are right
 */
export function verifyLoad(
  before: EventStats,
  after: EventStats,
  { appended, eventTypes, aggregateTypes }: LoadReport,
): readonly Discrepancy[] {
  const checks: Discrepancy[] = [
    { what: 'all events', expected: before.totalEvents + appended, actual: after.totalEvents },
    ...Object.entries(eventTypes).map(([type, count]) => ({
      what: `events of type ${type}`,
      expected: (before.eventTypeBreakdown[type] ?? 0) + count,
      actual: after.eventTypeBreakdown[type] ?? 0,
    })),
    ...Object.entries(aggregateTypes).map(([type, count]) => ({
      what: `events of ${type} aggregates`,
      expected: (before.aggregateTypeBreakdown[type] ?? 0) + count,
      actual: after.aggregateTypeBreakdown[type] ?? 0,
    })),
  ];
  return checks.filter(({ expected, actual }) => expected !== actual);
}
