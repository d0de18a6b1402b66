import { ServerTooOld, StoreUnavailable } from '@annals/core';
import { JetStreamApiError, type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { JETSTREAM_CODE } from '../error/jetstream-codes.ts';
import { unavailable } from '../error/unavailable.ts';
import { MINIMUM_SERVER_VERSION, isSupportedVersion } from './server-version.ts';

/**
 * Refuses a server that cannot hold the store, and gives what administers one that can.
 *
 * @param timeoutMs for each administrative request, 5,000 unless given
 * @throws ServerTooOld when it is older than 2.14.4 or has no JetStream; StoreUnavailable when it does not answer
 */
export async function checkServer(nc: NatsConnection, timeoutMs = 5_000): Promise<JetStreamManager> {
  const version = nc.info?.version;
  if (version === undefined) throw new StoreUnavailable('there is no connection to nats-server');
  if (!isSupportedVersion(version)) throw new ServerTooOld(version, MINIMUM_SERVER_VERSION);
  const jsm = await jetstreamManager(nc, { checkAPI: false, timeout: timeoutMs });
  try {
    await jsm.getAccountInfo();
  } catch (error) {
    if (isNotEnabled(error)) throw new ServerTooOld(version, MINIMUM_SERVER_VERSION, false, { cause: error });
    throw unavailable(error);
  }
  return jsm;
}

/** The client names the error of a missing JetStream, but does not export its class (3.4.0). */
function isNotEnabled(error: unknown): boolean {
  if (error instanceof JetStreamApiError) return error.code === JETSTREAM_CODE.notEnabledForAccount;
  return error instanceof Error && error.name === 'JetStreamNotEnabled';
}
