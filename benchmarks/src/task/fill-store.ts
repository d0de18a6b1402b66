import { type Contender, type Head, NO_HEAD, type ReadSummary } from '../contender/contender.ts';
import { sampleEvent, sampleQuantity } from '../event/sample-event.ts';
import type { Fill } from './task.ts';

/** Id of the aggregate with thousands of events. */
export const LARGE_AGGREGATE = 'large';

const WINDOW = 1_000;
const LARGE_APPEND = 100;
const LARGE_OFFSET = 1_000_000_000;

/** Id of aggregate number `index`. */
export function aggregateId(index: number): string {
  return `a-${index}`;
}

/** How many events a fill makes. */
export function eventsIn({ aggregates, eventsPerAggregate, large }: Fill): number {
  return aggregates * eventsPerAggregate + large;
}

/** What a reader of aggregate number `index` must find right after the fill. */
export function filledAggregate({ eventsPerAggregate }: Fill, index: number): ReadSummary {
  return sum(eventsPerAggregate, (n) => index * eventsPerAggregate + n);
}

/** What a reader of the large aggregate must find. */
export function filledLarge({ large }: Fill): ReadSummary {
  return sum(large, (n) => LARGE_OFFSET + n);
}

/**
 * Fills a store. An aggregate's events are spread among those of a thousand others, as in a store that grew over time.
 *
 * @param progress is told how many events are stored
 */
export async function fillStore(contender: Contender, fill: Fill, progress: (events: number) => void): Promise<void> {
  const { aggregates, eventsPerAggregate, large } = fill;
  const waves = Math.ceil(aggregates / WINDOW) * eventsPerAggregate;
  const largePerWave = Math.ceil(large / Math.max(1, waves));
  let head = NO_HEAD;
  let stored = 0;
  for (let first = 0; first < aggregates; first += WINDOW) {
    const window = Math.min(WINDOW, aggregates - first);
    for (let version = 1; version <= eventsPerAggregate; version++) {
      await contender.fill(
        Array.from({ length: window }, (_, offset) => ({
          aggregateId: aggregateId(first + offset),
          version,
          event: sampleEvent((first + offset) * eventsPerAggregate + version - 1),
        })),
      );
      const before = head.version;
      head = await growLarge(contender, head, Math.min(large, head.version + largePerWave));
      progress((stored += window + head.version - before));
    }
  }
  await growLarge(contender, head, large);
  await contender.settle();
}

async function growLarge(contender: Contender, from: Head, to: number): Promise<Head> {
  let head = from;
  while (head.version < to) {
    const count = Math.min(LARGE_APPEND, to - head.version);
    const first = LARGE_OFFSET + head.version;
    const events = Array.from({ length: count }, (_, index) => sampleEvent(first + index));
    head = await contender.append(LARGE_AGGREGATE, head, events);
  }
  return head;
}

function sum(events: number, numberOf: (n: number) => number): ReadSummary {
  let quantity = 0;
  for (let n = 0; n < events; n++) quantity += sampleQuantity(numberOf(n));
  return { events, quantity };
}
