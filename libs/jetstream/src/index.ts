export { openJetStreamStore } from './store/open-jetstream-store.ts';
export { type JetStreamStoreOptions } from './store/store-options.ts';
export { DEFAULT_LIMITS, type StoreLimits } from './store/check-store-options.ts';
export { DEFAULT_STREAM, type DedicatedStream, type TopologyOptions } from './topology/topology-options.ts';
export { type ProvisioningMode } from './provision/provision-streams.ts';
export { natsAccessOptions, type NatsAccess } from './connection/nats-access.ts';
export { type RetentionScheduleOptions } from './retention/retention-schedule.ts';
export { type ReplayOptions } from './replay/create-replays.ts';
