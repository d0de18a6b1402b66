import { DirectReader } from '../read/direct-reader.ts';
import type { OldEvent } from './old-event.ts';

/** Filters a request: the server looks up 1,000 in 23 ms, during which nothing else is read from the stream. */
const MAX_FILTERS = 250;
const MAX_FILTER_BYTES = 64 * 1024;

/**
 * Finds those events whose aggregate has a settled next version. Any replica may answer: what one of them holds is
 * committed, and one that lags behind only keeps an event until the next sweep.
 *
 * @param settledBeforeMs a next version recorded after this may still be lost in a power failure, and does not count
 * @throws StoreUnavailable
 */
export async function superseded(
  reader: DirectReader,
  stream: string,
  events: readonly OldEvent[],
  settledBeforeMs: number,
): Promise<readonly OldEvent[]> {
  const found = new Set<string>();
  for (const filters of portions(events)) {
    await reader.get(stream, { multi_last: filters }, ({ subject, recordedAt }) => {
      if (Date.parse(recordedAt) <= settledBeforeMs) found.add(`${subject.split('.', 5).join('.')}.>`);
    });
  }
  return events.filter(({ successorFilter }) => found.has(successorFilter!));
}

function* portions(events: readonly OldEvent[]): Generator<readonly string[]> {
  let portion: string[] = [];
  let bytes = 0;
  for (const { successorFilter } of events) {
    if (portion.length === MAX_FILTERS || bytes + successorFilter!.length > MAX_FILTER_BYTES) {
      yield portion;
      portion = [];
      bytes = 0;
    }
    portion.push(successorFilter!);
    bytes += successorFilter!.length;
  }
  if (portion.length > 0) yield portion;
}
