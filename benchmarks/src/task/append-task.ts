import { type Contender, type Head, NO_HEAD } from '../contender/contender.ts';
import { sampleEvent } from '../event/sample-event.ts';
import { closedLoop } from '../load/closed-loop.ts';
import { Latencies } from '../load/latencies.ts';
import type { Task, TaskResult, TaskRun } from './task.ts';

/** Each writer fills one new aggregate after the other, and knows the head from its last append. */
export async function runAppendTask(
  contender: Contender,
  { inFlight, eventsPerAppend, appendsPerAggregate }: Extract<Task, { kind: 'append' }>,
  { limit, label }: TaskRun,
): Promise<TaskResult> {
  const latencies = new Latencies();
  const heads = new Array<Head>(inFlight).fill(NO_HEAD);
  const aggregates = new Array<number>(inFlight).fill(0);
  const fullAt = eventsPerAppend * appendsPerAggregate;
  let written = 0;
  const seconds = await closedLoop(inFlight, limit, async (worker) => {
    if (heads[worker]!.version >= fullAt) {
      heads[worker] = NO_HEAD;
      aggregates[worker]!++;
    }
    const first = written;
    written += eventsPerAppend;
    const events = Array.from({ length: eventsPerAppend }, (_, index) => sampleEvent(first + index));
    const id = `${label}-${worker}-${aggregates[worker]}`;
    const startedAt = performance.now();
    heads[worker] = await contender.append(id, heads[worker]!, events);
    latencies.add(performance.now() - startedAt);
  });
  const operations = latencies.operations;
  return { operations, events: written, written, seconds, latencies: { append: latencies.summary() }, counts: {} };
}
