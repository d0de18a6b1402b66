export { provisionNatsServer } from './provision.mjs';
export { launchNatsServer } from './launch.mjs';
export { launchNatsCluster } from './launch-cluster.mjs';
export { MINIMUM_VERSION, PINNED_VERSION } from './version.mjs';
export { findFreePort } from '../process/free-port.mjs';
export { NatsServerUnavailable, NatsServerTooOld } from './provision-errors.mjs';
export { NatsServerStartFailed } from './start-failed.mjs';
