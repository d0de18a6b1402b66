import autocannon from 'autocannon';
import { SAMPLE_AGGREGATE_TYPE, sampleEvent } from '../event/sample-event.ts';
import { Latencies } from '../load/latencies.ts';
import { type Task, type TaskResult, type TaskRun, WrongContent } from './task.ts';

const STOP_CHECK_MS = 20;

/** Posts single events over keep-alive connections, each connection to aggregates of its own, one request at a time. */
export async function runPostTask(
  gatewayUrl: string,
  { connections, appendsPerAggregate }: Extract<Task, { kind: 'post' }>,
  { limit, label }: TaskRun,
): Promise<TaskResult> {
  const latencies = new Latencies();
  const refused = new Map<number, number>();
  let connection = 0;
  const startedAt = performance.now();
  const load = autocannon({
    url: `${gatewayUrl}/events`,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    connections,
    duration: Math.ceil(limit.seconds) + 60, // ended by `stop`
    sampleInt: STOP_CHECK_MS,
    setupClient: (client) => {
      const body = bodies(`${label}-${connection++}`, appendsPerAggregate);
      client.setRequests([{ setupRequest: (request) => ({ ...request, body: body() }) }]);
    },
  });
  const seconds = await new Promise<number>((resolve, reject) => {
    const timer = setTimeout(() => end(), limit.seconds * 1000);
    let ended = false;
    const end = () => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      resolve((performance.now() - startedAt) / 1000);
      load.stop?.();
    };
    load.on('response', (_client, status, _bytes, ms) => {
      if (ended) return;
      if (status === 201) latencies.add(ms);
      else refused.set(status, (refused.get(status) ?? 0) + 1);
      if (latencies.operations >= limit.operations) end();
    });
    load.on('reqError', reject);
    load.catch(reject);
  });
  await load;
  if (refused.size > 0) throw new WrongContent('Answers to POST /events', Object.fromEntries(refused), { 201: 'all' });
  const operations = latencies.operations;
  // Requests in flight at the end may have landed unseen, so nothing is claimed of what was written.
  return { operations, events: operations, written: 0, seconds, latencies: { post: latencies.summary() }, counts: {} };
}

function bodies(label: string, appendsPerAggregate: number): () => string {
  let version = 0;
  let aggregate = 0;
  let n = 0;
  return () => {
    if (version === appendsPerAggregate) {
      version = 0;
      aggregate++;
    }
    return JSON.stringify({
      ...sampleEvent(n++),
      aggregateType: SAMPLE_AGGREGATE_TYPE,
      aggregateId: `${label}-${aggregate}`,
      expectedVersion: version++,
    });
  };
}
