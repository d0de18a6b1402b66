import type { StoreStatus, StreamStatus, SubscriptionHealth } from '@annals/core';
import type { JetStreamManager, StreamInfo } from '@nats-io/jetstream';
import type { RequestChannel } from '../connection/request-channel.ts';
import { unavailable } from '../error/unavailable.ts';
import type { Topology } from '../topology/topology.ts';

/** What a client can know: the server does not tell its `sync_interval`. */
const DURABILITY =
  'An acknowledgement means that the stream leader and a majority of its copies have written the event; whether it is on ' +
  'disk by then depends on sync_interval of nats-server, which it does not tell: production wants sync_interval: always.';

/** Whether the store can be used now. Never throws. */
export async function readStoreStatus(
  channel: RequestChannel,
  jsm: JetStreamManager,
  topology: Topology,
  subscriptions: { health(): Promise<SubscriptionHealth> },
): Promise<StoreStatus> {
  const serverVersion = channel.nc.info?.version;
  const known = { ...(serverVersion !== undefined && { serverVersion }), durability: DURABILITY };
  if (!channel.connected) {
    return { ...known, state: 'disconnected', reason: 'the connection to nats-server is lost', streams: [] };
  }
  try {
    const [infos, health] = await Promise.all([
      Promise.all(topology.bindings.map(({ name }) => jsm.streams.info(name))),
      // Appends and reads do not depend on what is not known here.
      subscriptions.health().catch(() => undefined),
    ]);
    const streams = infos.map(streamStatus);
    return { ...known, state: 'ready', streams, ...(health && { subscriptions: health }) };
  } catch (error) {
    return { ...known, state: 'disconnected', reason: unavailable(error).message, streams: [] };
  }
}

function streamStatus({ config, state }: StreamInfo): StreamStatus {
  return {
    name: config.name,
    messages: state.messages,
    bytes: state.bytes,
    firstSequence: state.first_seq,
    lastSequence: state.last_seq,
    replicas: config.num_replicas,
  };
}
