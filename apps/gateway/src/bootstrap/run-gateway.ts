import { ConfigError } from '../config/config-error.ts';
import type { GatewayConfig } from '../config/gateway-config.ts';
import { readConfig } from '../config/read-config.ts';
import { createLogger } from '../logging/create-logger.ts';
import { loadStateModule } from '../state/load-state-module.ts';
import type { StateModule } from '../state/state-module.ts';
import { openStore } from '../store/open-store.ts';
import { StoreConnection } from '../store/store-connection.ts';
import { createGateway } from './create-gateway.ts';
import { shutDown } from './shut-down.ts';

/** Ctrl-C reaches a whole group of processes, whose parent passes it on: that is one request. A later one is in a hurry. */
const SAME_REQUEST_MS = 1_000;

/** What the process gives to the gateway, and the gateway to the process. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Calls back when the process is asked to end, at most once for each time it is asked. */
  readonly onStopRequest: (listener: (signal: string) => void) => void;
  readonly exit: (code: number) => void;
  readonly complain: (text: string) => void;
}

interface Configured {
  readonly config: GatewayConfig;
  readonly state: StateModule;
}

/** Runs the gateway until the process is asked to end. HTTP is served at once, the store is opened beside it. */
export async function runGateway(host: Host): Promise<void> {
  const configured = await configOf(host);
  if (configured === undefined) return;
  const { config, state } = configured;
  const logger = createLogger(config.logLevel);
  let stop = (code: number): void => host.exit(code);
  const connection = new StoreConnection(() => openStore(config, state, logger), {
    logger,
    onFatal: (error) => {
      logger.fatal({ err: error }, 'the event store cannot be used');
      stop(1);
    },
  });
  const gateway = await createGateway(config, connection, logger, state);
  let stoppingSince: number | undefined;
  stop = (code) => {
    if (stoppingSince !== undefined) {
      if (performance.now() - stoppingSince > SAME_REQUEST_MS) host.exit(1);
      return;
    }
    stoppingSince = performance.now();
    shutDown(gateway, connection, config.shutdownTimeoutMs, logger).then(
      () => host.exit(code),
      (error: unknown) => {
        logger.error({ err: error }, 'shutting down failed');
        host.exit(1);
      },
    );
  };
  host.onStopRequest((signal) => {
    logger.info({ signal }, 'shutting down');
    stop(0);
  });
  try {
    await gateway.app.listen(config.port, config.host);
  } catch (error) {
    host.complain(listenFailure(error, config));
    return stop(1);
  }
  logger.info({ url: await gateway.app.getUrl() }, 'gateway listens');
  connection.start();
}

async function configOf({ env, complain, exit }: Host): Promise<Configured | undefined> {
  try {
    const config = readConfig(env);
    return { config, state: await loadStateModule(config.stateModule) };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    complain(error.message);
    exit(1);
    return undefined;
  }
}

function listenFailure(error: unknown, { host, port }: GatewayConfig): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') return `Port ${port} on ${host} is taken: stop what listens there, or set another PORT.`;
  return `Cannot listen on ${host}:${port}: ${message}`;
}
