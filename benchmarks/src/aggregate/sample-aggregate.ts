import { type Aggregate, defineAggregate, type RecordedEvent } from '@annals/core';
import type { ReadSummary } from '../contender/contender.ts';
import { SAMPLE_AGGREGATE_TYPE, type SampleData } from '../event/sample-event.ts';

/** Events between two snapshots. */
export const SNAPSHOT_EVERY = 100;

/** An aggregate of the sample events, whose state is what readers prove their reading by. */
export function sampleAggregate(snapshots: boolean): Aggregate<ReadSummary, RecordedEvent<SampleData>> {
  return defineAggregate<ReadSummary, RecordedEvent<SampleData>>({
    type: SAMPLE_AGGREGATE_TYPE,
    initialState: { events: 0, quantity: 0 },
    evolve: ({ events, quantity }, { data }) => ({ events: events + 1, quantity: quantity + data.quantity }),
    snapshots: snapshots && { everyEvents: SNAPSHOT_EVERY },
  });
}
