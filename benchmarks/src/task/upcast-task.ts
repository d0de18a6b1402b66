import type { RecordedEvent } from '@annals/core';
import { closedLoop } from '../load/closed-loop.ts';
import { Latencies } from '../load/latencies.ts';
import { oldEvents } from '../upcast/old-events.ts';
import { fieldsAfter, sampleRegistry } from '../upcast/sample-registry.ts';
import { type Task, type TaskResult, type TaskRun, WrongContent } from './task.ts';

/** Timed together: the clock costs as much as a step, and what is left to the garbage collector is shared by all. */
const EVENTS_TIMED = 1_000;

/** Brings old events to their current schema version, in memory. What is timed is the mean of an event and step. */
export async function runUpcastTask(
  { form, steps }: Extract<Task, { kind: 'upcast' }>,
  { limit }: TaskRun,
): Promise<TaskResult> {
  const registry = sampleRegistry(form, steps);
  const old = oldEvents(EVENTS_TIMED);
  const current: (RecordedEvent | readonly RecordedEvent[])[] = new Array(EVENTS_TIMED);
  const latencies = new Latencies();
  const seconds = await closedLoop(1, limit, async () => {
    const startedAt = performance.now();
    for (let n = 0; n < EVENTS_TIMED; n++) current[n] = registry.current(old[n]!);
    latencies.add((performance.now() - startedAt) / (EVENTS_TIMED * steps));
  });
  checkCurrent(current, old, steps);
  const operations = latencies.operations;
  const events = operations * EVENTS_TIMED;
  return { operations, events, written: 0, seconds, latencies: { step: latencies.summary() }, counts: { steps } };
}

function checkCurrent(
  found: readonly (RecordedEvent | readonly RecordedEvent[])[],
  old: readonly RecordedEvent<{ readonly quantity: number }>[],
  steps: number,
): void {
  for (const [n, { data }] of old.entries()) {
    const event = found[n] as RecordedEvent<{ readonly quantity: number }>;
    const fields = Object.keys(event.data).sort();
    const seen = { schemaVersion: event.schemaVersion, fields, quantity: event.data.quantity };
    const expected = { schemaVersion: steps + 1, fields: fieldsAfter(steps), quantity: data.quantity };
    if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new WrongContent(`Event ${n}`, seen, expected);
  }
}
