import { type EventStore, silentLogger, systemClock, ulidSource, withRegistry } from '@annals/core';
import { connectToNats } from '../connection/connect-to-nats.ts';
import { RequestChannel } from '../connection/request-channel.ts';
import { checkServer } from '../provision/check-server.ts';
import { provisionStreams } from '../provision/provision-streams.ts';
import { resolveTopology } from '../topology/topology.ts';
import { JetStreamEventStore } from './jetstream-event-store.ts';
import type { JetStreamStoreOptions } from './store-options.ts';
import { streamReplicas } from './stream-replicas.ts';
import { checkStoreOptions } from './check-store-options.ts';

/**
 * Connects, provisions the streams and opens the store.
 *
 * @throws ValidationError for options that cannot be, and for gaps in the registry's migrations; StoreUnavailable when no server answers; ServerTooOld;
 *   ProvisioningRefused when a stream is not as the store needs it; MisplacedAggregateType
 * @example
 * const store = await openJetStreamStore({ servers: 'nats://127.0.0.1:4222' });
 * await store.append({ type: 'user', id: 'u1' }, { type: 'user.created', data: { name: 'Ada' } }, { expectedVersion: 'none' });
 * await store.close();
 */
export async function openJetStreamStore(options: JetStreamStoreOptions = {}): Promise<EventStore> {
  const limits = checkStoreOptions(options);
  const registry = options.registry?.seal();
  const topology = resolveTopology(options.topology);
  const clock = options.clock ?? systemClock;
  const logger = options.logger ?? silentLogger;
  const nc = options.connection ?? (await connectToNats(options));
  try {
    const jsm = await checkServer(nc, limits.requestTimeoutMs);
    const { replicas, provisioning } = options;
    await provisionStreams(jsm, topology, { replicas, mode: provisioning, logger });
    const store = new JetStreamEventStore({
      nc,
      ownsConnection: options.connection === undefined,
      jsm,
      channel: new RequestChannel(nc, limits.requestTimeoutMs, logger),
      topology,
      replicas: await streamReplicas(jsm, topology),
      limits,
      provisioning,
      retention: options.retention,
      replays: { ...options.replays, registry: options.replays?.registry ?? registry },
      clock,
      logger,
      newMessageId: options.newMessageId ?? ulidSource(() => clock.now()),
    });
    return registry ? withRegistry(store, registry) : store;
  } catch (error) {
    if (!options.connection) await nc.close();
    throw error;
  }
}
