import type { JetStreamManager } from '@nats-io/jetstream';
import { unavailable } from '../error/unavailable.ts';
import type { Topology } from '../topology/topology.ts';

/** How many copies each stream of the topology has. @throws StoreUnavailable */
export async function streamReplicas(jsm: JetStreamManager, topology: Topology): Promise<ReadonlyMap<string, number>> {
  try {
    const infos = await Promise.all(topology.bindings.map(({ name }) => jsm.streams.info(name)));
    return new Map(infos.map(({ config }) => [config.name, config.num_replicas]));
  } catch (error) {
    throw unavailable(error);
  }
}
