import type { EventStore } from '@annals/core';
import {
  type JetStreamStoreOptions,
  fileReplays,
  natsAccessOptions,
  openJetStreamStore,
  webhookReplays,
} from '@annals/events';
import type { Logger } from 'pino';
import type { GatewayConfig } from '../config/gateway-config.ts';
import type { ReplayConfig } from '../config/replay-config.ts';
import type { StateModule } from '../state/state-module.ts';
import { storeLogger } from '../logging/store-logger.ts';

/** The store gives up a little earlier than the gateway, so that its own error, which says more, is the answer. */
const SHARE_OF_TIME = 0.8;

/** Opens the store on JetStream that the configuration names, with the registry of the module. @throws what opening throws */
export function openStore(config: GatewayConfig, { registry }: StateModule, logger: Logger): Promise<EventStore> {
  const timeMs = Math.max(1, Math.floor(config.requestTimeoutMs * SHARE_OF_TIME));
  return openJetStreamStore({
    servers: config.natsUrls,
    connectionOptions: { ...natsAccessOptions(config.natsAccess), name: 'annals-gateway' },
    replicas: config.streamReplicas,
    topology: config.topology.length > 0 ? { streams: config.topology } : undefined,
    appendTimeoutMs: timeMs,
    requestTimeoutMs: Math.min(timeMs, 5_000),
    replays: replayOptions(config.replays),
    registry: registry.isEmpty ? undefined : registry,
    logger: storeLogger(logger),
  });
}

function replayOptions({ drive, fileDirectory, webhook }: ReplayConfig): JetStreamStoreOptions['replays'] {
  const file = fileDirectory === undefined ? undefined : fileReplays({ directory: fileDirectory });
  return { drive, sinks: { webhook: webhookReplays(webhook), file } };
}
