import { type EventStats, type RecordedEvent, compareTimestamps, isReservedType } from '@annals/core';

/** Counts events; the store's own are passed over. */
export function countStats(events: Iterable<RecordedEvent>): EventStats {
  const byType = new Map<string, number>();
  const byAggregateType = new Map<string, number>();
  let totalEvents = 0;
  let uniqueAggregates = 0;
  let earliest: string | null = null;
  let latest: string | null = null;
  for (const { type, aggregateType, version, timestamp } of events) {
    if (isReservedType(type)) continue;
    totalEvents++;
    if (version === 1) uniqueAggregates++;
    increase(byType, type);
    if (aggregateType !== undefined) increase(byAggregateType, aggregateType);
    if (earliest === null || compareTimestamps(timestamp, earliest) < 0) earliest = timestamp;
    if (latest === null || compareTimestamps(timestamp, latest) > 0) latest = timestamp;
  }
  return {
    totalEvents,
    uniqueAggregates,
    eventTypes: byType.size,
    eventTypeBreakdown: Object.fromEntries(byType),
    aggregateTypeBreakdown: Object.fromEntries(byAggregateType),
    timeRange: { earliest, latest },
  };
}

function increase(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
