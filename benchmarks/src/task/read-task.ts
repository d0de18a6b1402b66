import type { Contender } from '../contender/contender.ts';
import { closedLoop } from '../load/closed-loop.ts';
import { Latencies } from '../load/latencies.ts';
import { aggregateId, filledAggregate } from './fill-store.ts';
import { picker } from './pick.ts';
import { type Task, type TaskResult, type TaskRun, WrongContent } from './task.ts';

/** Reads filled aggregates in random order. */
export async function runReadTask(
  contender: Contender,
  { inFlight }: Extract<Task, { kind: 'read' }>,
  { limit, label, fill }: TaskRun,
): Promise<TaskResult> {
  const latencies = new Latencies();
  const pick = picker(fill.aggregates, label);
  const seconds = await closedLoop(inFlight, limit, async () => {
    const index = pick();
    const startedAt = performance.now();
    const { found } = await contender.read(aggregateId(index));
    latencies.add(performance.now() - startedAt);
    const expected = filledAggregate(fill, index);
    if (found.events !== expected.events || found.quantity !== expected.quantity) {
      throw new WrongContent(`Aggregate ${aggregateId(index)}`, found, expected);
    }
  });
  const operations = latencies.operations;
  const events = operations * fill.eventsPerAggregate;
  return { operations, events, written: 0, seconds, latencies: { read: latencies.summary() }, counts: {} };
}

/** Reads each filled aggregate once, so that a cache that holds them is full. */
export async function readEachOnce(contender: Contender, inFlight: number, aggregates: number): Promise<void> {
  let next = 0;
  const limit = { seconds: Number.POSITIVE_INFINITY, operations: aggregates };
  await closedLoop(inFlight, limit, async () => {
    await contender.read(aggregateId(next++));
  });
}
