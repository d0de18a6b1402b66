import type { Contender } from '../contender/contender.ts';
import { openContender } from '../contender/open-contender.ts';
import { ownPeakBytes, resetPeak } from '../measure/process-usage.ts';
import type { ClientMeasurement } from '../result/measurement.ts';
import { fillStore } from '../task/fill-store.ts';
import { readEachOnce } from '../task/read-task.ts';
import { runTask, type Target } from '../task/run-task.ts';
import { type TaskResult, WrongContent } from '../task/task.ts';
import type { ClientMessage, Job } from './client-messages.ts';
import { openTarget } from './open-target.ts';

/** How a job talks to whoever ordered it. */
export interface JobChannel {
  send(message: ClientMessage): void;
  /** Resolves when the measured part may begin. */
  go(): Promise<void>;
}

/** Does what a client process is started for. */
export async function runJob(job: Job, channel: JobChannel): Promise<void> {
  if (job.kind === 'measure') {
    const { target, close } = await openTarget(job);
    try {
      return await measure(job, target, channel);
    } finally {
      await close();
    }
  }
  const contender = await openContender(job.contender, job.place);
  try {
    await fillStore(contender, job.fill, (events) => channel.send({ kind: 'progress', events }));
  } finally {
    await contender.close();
  }
}

async function measure(job: Extract<Job, { kind: 'measure' }>, target: Target, channel: JobChannel): Promise<void> {
  const contender = 'contender' in target ? target.contender : undefined;
  const clientBaseBytes = process.memoryUsage.rss();
  const storedBefore = (await contender?.count()) ?? 0;
  const { task, fill, label } = job;
  if (contender && task.kind === 'read') await readEachOnce(contender, task.inFlight, fill.aggregates);
  const warmUp = await runTask(target, task, { limit: job.warmUp, label: `w${label}`, fill });
  const detailsBefore = contender?.details() ?? {};
  channel.send({ kind: 'ready' });
  await channel.go();

  resetPeak(process.pid);
  const cpuBefore = process.cpuUsage();
  const result = await runTask(target, task, { limit: job.limit, label: `m${label}`, fill });
  const cpu = process.cpuUsage(cpuBefore);
  const measurement: ClientMeasurement = {
    ...result,
    eventsPerSecond: result.events / result.seconds,
    operationsPerSecond: result.operations / result.seconds,
    clientCpuSeconds: (cpu.user + cpu.system) / 1e6,
    clientBaseBytes,
    clientPeakBytes: ownPeakBytes(),
    details: since(detailsBefore, contender?.details() ?? {}),
  };
  channel.send({ kind: 'measured', measurement });
  if (contender) await checkStored(contender, storedBefore, [warmUp, result]);
}

/** Nothing acknowledged may be missing, and nothing else may have come. */
async function checkStored(contender: Contender, before: number, results: readonly TaskResult[]): Promise<void> {
  const expected = results.reduce((sum, { written }) => sum + written, before);
  const stored = await contender.count();
  if (stored !== expected) throw new WrongContent('Events stored after the load', stored, expected);
}

/** Counts of the measured part alone; of the largest there is no difference to take. */
function since(
  before: Readonly<Record<string, number>>,
  now: Readonly<Record<string, number>>,
): Record<string, number> {
  const entries = Object.entries(now);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, name.startsWith('largest') ? value : value - (before[name] ?? 0)]),
  );
}
