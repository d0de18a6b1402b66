import { type Contender, type Head, NO_HEAD, VersionConflict } from '../contender/contender.ts';
import { sampleEvent } from '../event/sample-event.ts';
import { closedLoop } from '../load/closed-loop.ts';
import { Latencies } from '../load/latencies.ts';
import type { Task, TaskResult, TaskRun } from './task.ts';

/**
 * Writers of one aggregate that know of each other only by conflicts: each appends at the version that it believes in,
 * and when it was too late tries again from where the aggregate really is. Timed is the way to success.
 */
export async function runContendTask(
  contender: Contender,
  { writers }: Extract<Task, { kind: 'contend' }>,
  { limit, label }: TaskRun,
): Promise<TaskResult> {
  const latencies = new Latencies();
  const heads = new Array<Head>(writers).fill(NO_HEAD);
  const id = `${label}-contended`;
  let conflicts = 0;
  let written = 0;
  const seconds = await closedLoop(writers, limit, async (worker) => {
    const events = [sampleEvent(written++)];
    const startedAt = performance.now();
    for (;;) {
      try {
        heads[worker] = await contender.append(id, heads[worker]!, events);
        break;
      } catch (error) {
        if (!(error instanceof VersionConflict)) throw error;
        heads[worker] = error.head;
        conflicts++;
      }
    }
    latencies.add(performance.now() - startedAt);
  });
  const operations = latencies.operations;
  return {
    operations,
    events: written,
    written,
    seconds,
    latencies: { append: latencies.summary() },
    counts: { conflicts },
  };
}
