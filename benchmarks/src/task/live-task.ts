import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { SAMPLE_AGGREGATE_TYPE, sampleEvent } from '../event/sample-event.ts';
import { gatewayFigures } from '../live/process-figures.ts';
import { type LiveListener, listenBySocket, listenBySse } from '../live/live-listener.ts';
import { atConstantRate } from '../load/constant-rate.ts';
import { Latencies } from '../load/latencies.ts';
import { type Task, type TaskResult, type TaskRun, WrongContent } from './task.ts';

const MAX_IN_FLIGHT = 1_000;
const MAX_SOCKETS = 64;
const ARRIVAL_DEADLINE_MS = 30_000;
const LOOK_MS = 5;
/** Connected at the same time while the listeners are set up. */
const CONNECTING = 25;

/** An aggregate with those who listen to it. */
interface Group {
  readonly aggregateId: string;
  /** When each event was due and when it was acknowledged, by the cursor of its position. */
  readonly posted: Map<string, { readonly dueAtMs: number; readonly acknowledgedAtMs: number }>;
  /** What each listener got, and when. */
  readonly received: { readonly cursors: string[]; readonly atMs: number[] }[];
}

/**
 * Posts events at a constant rate while clients listen, half of them over SSE, half over WebSockets. Every client must get
 * every event of its aggregate, once and in order, by the positions that the posts were answered with.
 */
export async function runLiveTask(
  gatewayUrl: string,
  { clients, groups, perSecond }: Extract<Task, { kind: 'live' }>,
  { limit }: TaskRun,
): Promise<TaskResult> {
  const all = Array.from({ length: groups }, (_, i): Group => {
    return { aggregateId: `live-${i}`, posted: new Map(), received: [] };
  });
  const listeners = await connect(gatewayUrl, clients, all);
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });
  const posts = new Latencies();
  try {
    const before = await gatewayFigures(gatewayUrl);
    let next = 0;
    const load = atConstantRate({ perSecond, maxInFlight: MAX_IN_FLIGHT }, limit, async (dueAtMs) => {
      const n = next++;
      const group = all[n % groups]!;
      const cursor = await post(gatewayUrl, agent, group.aggregateId, n);
      const acknowledgedAtMs = performance.now();
      group.posted.set(cursor, { dueAtMs, acknowledgedAtMs });
      posts.add(acknowledgedAtMs - dueAtMs);
    });
    const lost = Promise.race(listeners.map(({ ended }) => ended));
    const seconds = await Promise.race([load, lost]);
    await Promise.race([allArrived(all), lost]);
    const after = await gatewayFigures(gatewayUrl);
    const { deliveries, receipts } = checked(all);
    return {
      operations: posts.operations,
      events: receipts.operations,
      written: 0,
      seconds,
      latencies: { delivery: deliveries.summary(), receipt: receipts.summary(), post: posts.summary() },
      counts: {
        clients,
        filters: groups,
        gatewayMemoryBytes: after.memoryBytes,
        gatewayCpuSeconds: after.cpuSeconds - before.cpuSeconds,
      },
    };
  } finally {
    for (const listener of listeners) listener.close();
    agent.destroy();
  }
}

async function connect(gatewayUrl: string, clients: number, groups: readonly Group[]): Promise<LiveListener[]> {
  const listeners: LiveListener[] = [];
  for (let first = 0; first < clients; first += CONNECTING) {
    const some = Array.from({ length: Math.min(CONNECTING, clients - first) }, (_, i) => {
      const n = first + i;
      const { aggregateId, received } = groups[Math.floor(n / 2) % groups.length]!;
      const mine = { cursors: [] as string[], atMs: [] as number[] };
      received.push(mine);
      const onEvent = (cursor: string) => {
        mine.cursors.push(cursor);
        mine.atMs.push(performance.now());
      };
      const filter = { aggregateType: SAMPLE_AGGREGATE_TYPE, aggregateId };
      if (n % 2 === 0) return listenBySse(gatewayUrl, String(new URLSearchParams(filter)), onEvent);
      return listenBySocket(gatewayUrl, filter, onEvent);
    });
    listeners.push(...(await Promise.all(some)));
  }
  return listeners;
}

async function allArrived(groups: readonly Group[]): Promise<void> {
  const endsAtMs = performance.now() + ARRIVAL_DEADLINE_MS;
  const isComplete = ({ posted, received }: Group) => received.every(({ cursors }) => cursors.length >= posted.size);
  while (!groups.every(isComplete) && performance.now() < endsAtMs) await delay(LOOK_MS);
}

/**
 * How long each event took to each client: from when its post was due, and from the answer to the post.
 *
 * @throws WrongContent when a client lacks one, or got one twice or out of order
 */
function checked(groups: readonly Group[]): { readonly deliveries: Latencies; readonly receipts: Latencies } {
  const deliveries = new Latencies();
  const receipts = new Latencies();
  for (const { aggregateId, posted, received } of groups) {
    const sequenceOf = (cursor: string) => Number(cursor.slice(cursor.lastIndexOf(':') + 1));
    const expected = [...posted.keys()].sort((a, b) => sequenceOf(a) - sequenceOf(b)).join(' ');
    for (const { cursors, atMs } of received) {
      if (cursors.join(' ') !== expected) {
        throw new WrongContent(`Events of ${aggregateId} that a client got`, cursors.length, posted.size);
      }
      cursors.forEach((cursor, i) => {
        const { dueAtMs, acknowledgedAtMs } = posted.get(cursor)!;
        deliveries.add(atMs[i]! - dueAtMs);
        // An event may come before the answer to its post does.
        receipts.add(Math.max(0, atMs[i]! - acknowledgedAtMs));
      });
    }
  }
  return { deliveries, receipts };
}

/** Posts an event; returns its place in the log as a cursor. */
function post(gatewayUrl: string, agent: Agent, aggregateId: string, n: number): Promise<string> {
  const body = JSON.stringify({ ...sampleEvent(n), aggregateType: SAMPLE_AGGREGATE_TYPE, aggregateId });
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const sent = request(`${gatewayUrl}/events`, { method: 'POST', agent, headers }, (response) => {
      text(response).then((answer) => {
        if (response.statusCode !== 201) return reject(new WrongContent('POST /events', answer, 201));
        const { events } = JSON.parse(answer) as { events: [{ position: { stream: string; sequence: number } }] };
        const { stream, sequence } = events[0].position;
        resolve(`${stream}:${sequence}`);
      }, reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
