import type { Contender, ReadSummary } from '../contender/contender.ts';
import { closedLoop } from '../load/closed-loop.ts';
import { Latencies } from '../load/latencies.ts';
import { eventsIn, filledAggregate, filledLarge, LARGE_AGGREGATE } from './fill-store.ts';
import { type Fill, type TaskResult, type TaskRun, WrongContent } from './task.ts';

/** Reads the large aggregate, again and again. */
export function runFoldTask(contender: Contender, run: TaskRun): Promise<TaskResult> {
  return repeat('fold', run, filledLarge(run.fill), () => contender.fold(LARGE_AGGREGATE));
}

/** Reads the whole store in order, again and again. */
export function runScanTask(contender: Contender, run: TaskRun): Promise<TaskResult> {
  const expected = filledStore(run.fill);
  return repeat('scan', run, expected, () => contender.scan(expected.events));
}

async function repeat(
  what: string,
  { limit }: TaskRun,
  expected: ReadSummary,
  read: () => Promise<ReadSummary>,
): Promise<TaskResult> {
  const latencies = new Latencies();
  const seconds = await closedLoop(1, limit, async () => {
    const startedAt = performance.now();
    const { events, quantity } = await read();
    latencies.add(performance.now() - startedAt);
    if (events !== expected.events || quantity !== expected.quantity) {
      throw new WrongContent(`A ${what}`, { events, quantity }, expected);
    }
  });
  const operations = latencies.operations;
  const events = operations * expected.events;
  return { operations, events, written: 0, seconds, latencies: { [what]: latencies.summary() }, counts: {} };
}

/** What a reader of everything must find. */
export function filledStore(fill: Fill): ReadSummary {
  let { quantity } = filledLarge(fill);
  for (let index = 0; index < fill.aggregates; index++) quantity += filledAggregate(fill, index).quantity;
  return { events: eventsIn(fill), quantity };
}
