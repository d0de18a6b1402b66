import type { Clock, Logger, MessageIdSource } from '@annals/core';
import type { JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { RequestChannel } from '../connection/request-channel.ts';
import type { ProvisioningMode } from '../provision/provision-streams.ts';
import type { ReplayOptions } from '../replay/create-replays.ts';
import type { RetentionScheduleOptions } from '../retention/retention-schedule.ts';
import type { Topology } from '../topology/topology.ts';
import type { StoreLimits } from './check-store-options.ts';

/** What a store is made of. */
export interface StoreParts {
  readonly nc: NatsConnection;
  /** True when closing the store closes the connection. */
  readonly ownsConnection: boolean;
  readonly jsm: JetStreamManager;
  readonly channel: RequestChannel;
  readonly topology: Topology;
  /** Copies of each stream. */
  readonly replicas: ReadonlyMap<string, number>;
  readonly limits: StoreLimits;
  /** Whether streams beside those of the events may be made when they are needed. */
  readonly provisioning: ProvisioningMode | undefined;
  /** What is removed while the store is open; undefined: nothing. */
  readonly retention: RetentionScheduleOptions | undefined;
  readonly replays: ReplayOptions;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly newMessageId: MessageIdSource;
}
