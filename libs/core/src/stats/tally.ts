import { compareTimestamps } from '../time/timestamp.ts';
import type { EventStats } from './event-stats.ts';

/** What statistics need to know of an event: its subject and its timestamp, never its body. */
export interface CountedEvent {
  readonly tenantId: string;
  readonly type: string;
  /** Absent on an event without aggregate, like `version`. */
  readonly aggregateType?: string;
  readonly version?: number;
  /** Not counted in the time range when it is absent or no UTC timestamp. */
  readonly timestamp?: string | undefined;
}

/** The counts of one tenant, or of all. */
export class Tally {
  totalEvents = 0;
  uniqueAggregates = 0;
  readonly byEventType = new Map<string, number>();
  readonly byAggregateType = new Map<string, number>();
  earliest: string | undefined;
  latest: string | undefined;

  /** Counts one event; O(1). */
  add({ type, aggregateType, version, timestamp }: CountedEvent): void {
    this.totalEvents++;
    if (version === 1) this.uniqueAggregates++;
    increase(this.byEventType, type, 1);
    if (aggregateType !== undefined) increase(this.byAggregateType, aggregateType, 1);
    if (timestamp !== undefined) this.widen(timestamp);
  }

  /** Adds what another tally counted. */
  addAll(other: Tally): void {
    this.totalEvents += other.totalEvents;
    this.uniqueAggregates += other.uniqueAggregates;
    for (const [type, count] of other.byEventType) increase(this.byEventType, type, count);
    for (const [type, count] of other.byAggregateType) increase(this.byAggregateType, type, count);
    if (other.earliest !== undefined) this.widen(other.earliest);
    if (other.latest !== undefined) this.widen(other.latest);
  }

  /**
   * The counts as an answer.
   *
   * @param removed events that were counted and are no longer stored. The aggregates they began still have their newest
   * event, and the time range is that of all events ever counted, as long as one of them is stored.
   */
  toStats(removed?: Tally): EventStats {
    const totalEvents = this.totalEvents - (removed?.totalEvents ?? 0);
    const eventTypeBreakdown = difference(this.byEventType, removed?.byEventType);
    const empty = totalEvents <= 0;
    return {
      totalEvents: Math.max(totalEvents, 0),
      uniqueAggregates: this.uniqueAggregates,
      eventTypes: Object.keys(eventTypeBreakdown).length,
      eventTypeBreakdown,
      aggregateTypeBreakdown: difference(this.byAggregateType, removed?.byAggregateType),
      timeRange: { earliest: empty ? null : (this.earliest ?? null), latest: empty ? null : (this.latest ?? null) },
    };
  }

  private widen(timestamp: string): void {
    const before = this.earliest === undefined || isBefore(timestamp, this.earliest);
    const after = this.latest === undefined || isBefore(this.latest, timestamp);
    // Checked by form only: in a fold nearly every event is the newest so far, and whoever appends has checked the date.
    if ((!before && !after) || !UTC.test(timestamp)) return;
    if (before) this.earliest = timestamp;
    if (after) this.latest = timestamp;
  }
}

/** The form that `toUtcTimestamp` returns. */
const UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;

/** Timestamps of one length have their digits in the same places, so text order is time order. */
function isBefore(a: string, b: string): boolean {
  return a.length === b.length ? a < b : compareTimestamps(a, b) < 0;
}

function increase(counts: Map<string, number>, name: string, by: number): void {
  counts.set(name, (counts.get(name) ?? 0) + by);
}

function difference(counts: ReadonlyMap<string, number>, less?: ReadonlyMap<string, number>): Record<string, number> {
  const left: [string, number][] = [];
  for (const [name, count] of counts) {
    const rest = count - (less?.get(name) ?? 0);
    if (rest > 0) left.push([name, rest]);
  }
  // fromEntries, because a type may be called __proto__.
  return Object.fromEntries(left);
}
