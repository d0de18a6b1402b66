import { type Contender, type Head, NO_HEAD } from '../contender/contender.ts';
import { sampleEvent } from '../event/sample-event.ts';
import { closedLoop } from '../load/closed-loop.ts';
import { Latencies } from '../load/latencies.ts';
import { aggregateId } from './fill-store.ts';
import { picker } from './pick.ts';
import { type Task, type TaskResult, type TaskRun, WrongContent } from './task.ts';

const APPENDS_PER_AGGREGATE = 10;

/** Reads a random aggregate, then appends, one after the other. */
export async function runEntityTask(
  contender: Contender,
  task: Extract<Task, { kind: 'entity' }>,
  { limit, label, fill }: TaskRun,
): Promise<TaskResult> {
  const reads = new Latencies();
  const appends = new Latencies();
  const pick = picker(fill.aggregates, label);
  const bounded = { ...limit, operations: Math.min(limit.operations, task.operations) };
  let head: Head = NO_HEAD;
  const seconds = await closedLoop(1, bounded, async () => {
    const id = aggregateId(pick());
    const n = appends.operations;
    const startedAt = performance.now();
    const { found } = await contender.read(id);
    const readAt = performance.now();
    if (found.events !== fill.eventsPerAggregate) {
      throw new WrongContent(`Events of ${id}`, found.events, fill.eventsPerAggregate);
    }
    if (n % APPENDS_PER_AGGREGATE === 0) head = NO_HEAD;
    head = await contender.append(`${label}-${Math.floor(n / APPENDS_PER_AGGREGATE)}`, head, [sampleEvent(n)]);
    appends.add(performance.now() - readAt);
    reads.add(readAt - startedAt);
  });
  const operations = appends.operations;
  const latencies = { read: reads.summary(), append: appends.summary() };
  const events = operations * (fill.eventsPerAggregate + 1);
  return { operations, events, written: operations, seconds, latencies, counts: {} };
}
