import { setTimeout as delay } from 'node:timers/promises';
import { jetstreamManager, type JetStreamManager, type StreamInfo } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { NatsServers } from './nats-servers.ts';

const DEADLINE_MS = 20_000;
const LOOK_MS = 50;
const ASK_AGAIN_MS = 1_000;

/**
 * Makes the first server of a cluster lead all streams, with all copies up to date: clients connect to the first server,
 * and whether a request takes one hop or two must not depend on who won an election.
 */
export async function leadStreamsByFirst({ urls, names }: NatsServers): Promise<void> {
  if (urls.length === 1) return;
  const connection = await connect({ servers: [...urls] });
  try {
    const manager = await jetstreamManager(connection, { timeout: 10_000 });
    for await (const { config } of manager.streams.list()) await lead(connection, manager, config.name, names[0]!);
  } finally {
    await connection.close();
  }
}

async function lead(nc: NatsConnection, manager: JetStreamManager, stream: string, wanted: string): Promise<void> {
  const endsAt = performance.now() + DEADLINE_MS;
  let askAgainAt = 0;
  for (;;) {
    const info = await manager.streams.info(stream);
    if (info.config.num_replicas === 1 || isSettled(info, wanted)) return;
    if (performance.now() > endsAt)
      throw new Error(`Stream ${stream} is not led by ${wanted} within ${DEADLINE_MS} ms.`);
    if (info.cluster?.leader !== wanted && performance.now() > askAgainAt) {
      // The placement of a step-down is newer than the client's types (nats-server 2.11).
      const order = JSON.stringify({ placement: { preferred: wanted } });
      await nc.request(`$JS.API.STREAM.LEADER.STEPDOWN.${stream}`, order, { timeout: 5_000 });
      askAgainAt = performance.now() + ASK_AGAIN_MS;
    }
    await delay(LOOK_MS);
  }
}

function isSettled({ cluster }: StreamInfo, wanted: string): boolean {
  return cluster?.leader === wanted && (cluster.replicas ?? []).every(({ current, lag }) => current && !lag);
}
