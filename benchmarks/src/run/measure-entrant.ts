import { ClientFailed, ClientProcess } from '../client/client-process.ts';
import type { ClientMessage, Job } from '../client/client-messages.ts';
import { resetPeak, serverUsage } from '../measure/process-usage.ts';
import type { ClientMeasurement, Measurement } from '../result/measurement.ts';
import type { Entrant } from '../workload/workload.ts';
import type { Arena } from './arena.ts';
import type { RunOptions } from './run-options.ts';

const TIMEOUT_MS = 5 * 60_000;

/** One round of one entrant, in a client process of its own; the servers' usage is taken around the measured part. */
export async function measureEntrant(
  { contender, task, fill }: Entrant,
  arena: Arena,
  round: number,
  { scale, signal }: RunOptions,
): Promise<Measurement> {
  const { seconds, warmUpSeconds, operations } = scale;
  const job: Job = {
    kind: 'measure',
    contender,
    place: arena.place,
    task,
    fill,
    label: String(round),
    warmUp: { seconds: warmUpSeconds, operations },
    limit: { seconds, operations },
  };
  const pids = arena.pids();
  let before: ReturnType<typeof serverUsage>;
  let after: ReturnType<typeof serverUsage>;
  let measured: ClientMeasurement | undefined;
  const onMessage = (message: ClientMessage, client: ClientProcess) => {
    if (message.kind === 'ready') {
      for (const pid of pids) resetPeak(pid);
      before = serverUsage(pids);
      client.go();
    } else if (message.kind === 'measured') {
      after = serverUsage(pids);
      measured = message.measurement;
    }
  };
  await ClientProcess.run(job, { timeoutMs: TIMEOUT_MS, signal }, onMessage);
  if (!measured) throw new ClientFailed('the client ended without a measurement');
  if (!before || !after) return measured;
  const serverCpuSeconds = Math.max(0, after.cpuSeconds - before.cpuSeconds);
  return { ...measured, serverCpuSeconds, serverMemoryBytes: after.memoryBytes };
}
