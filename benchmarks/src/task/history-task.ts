import { Agent, get } from 'node:http';
import { text } from 'node:stream/consumers';
import { SAMPLE_AGGREGATE_TYPE } from '../event/sample-event.ts';
import { atConstantRate } from '../load/constant-rate.ts';
import { Latencies } from '../load/latencies.ts';
import { aggregateId } from './fill-store.ts';
import { picker } from './pick.ts';
import { type Task, type TaskResult, type TaskRun, WrongContent } from './task.ts';

const MAX_IN_FLIGHT = 2_000;
const MAX_SOCKETS = 256;

/** Asks for histories of random aggregates. Latency counts from when a request was due, not from when it was sent. */
export async function runHistoryTask(
  gatewayUrl: string,
  { perSecond }: Extract<Task, { kind: 'history' }>,
  { limit, label, fill }: TaskRun,
): Promise<TaskResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });
  const latencies = new Latencies();
  const pick = picker(fill.aggregates, label);
  try {
    const seconds = await atConstantRate({ perSecond, maxInFlight: MAX_IN_FLIGHT }, limit, async (dueAtMs) => {
      const id = aggregateId(pick());
      const url = `${gatewayUrl}/events/history?aggregateType=${SAMPLE_AGGREGATE_TYPE}&aggregateId=${id}`;
      const { status, body } = await fetchText(url, agent);
      latencies.add(performance.now() - dueAtMs);
      const events = status === 200 ? (JSON.parse(body) as { events: unknown[] }).events.length : body;
      if (events !== fill.eventsPerAggregate)
        throw new WrongContent(`History of ${id}`, events, fill.eventsPerAggregate);
    });
    const operations = latencies.operations;
    const events = operations * fill.eventsPerAggregate;
    return { operations, events, written: 0, seconds, latencies: { history: latencies.summary() }, counts: {} };
  } finally {
    agent.destroy();
  }
}

function fetchText(url: string, agent: Agent): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent }, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode, body }), reject);
    });
    request.on('error', reject);
  });
}
