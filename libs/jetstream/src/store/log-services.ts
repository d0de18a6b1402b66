import { type DeadLetters, type EventStore, type Snapshots, ulidSource } from '@annals/core';
import { Bucket } from '../bucket/bucket.ts';
import { createDeadLetters } from '../dead-letter/create-dead-letters.ts';
import { createDeadLetterParts } from '../dead-letter/dead-letter-parts.ts';
import { createProcesses } from '../process/create-processes.ts';
import { createProjections } from '../projection/create-projections.ts';
import type { ReadDependencies } from '../read/aggregate-reader.ts';
import { createReplays } from '../replay/create-replays.ts';
import { JetStreamSnapshots } from '../snapshot/jetstream-snapshots.ts';
import { createSubscriptions } from '../subscribe/create-subscriptions.ts';
import type { JetStreamSubscriptions } from '../subscribe/jetstream-subscriptions.ts';
import { SUBSCRIPTION_BUCKET } from '../subscribe/subscription-names.ts';
import type { StoreParts } from './store-parts.ts';

/** What the services need of the log itself. */
export interface LogAccess extends Pick<EventStore, 'follow' | 'readAll' | 'count' | 'appendAll'> {
  readonly reading: ReadDependencies;
  /** Copies of what is kept beside the log. */
  readonly copies: number;
  /** Throws StoreClosed once the store takes no more calls. */
  readonly checkOpen: () => void;
}

/** What stands upon the log and keeps something beside it: who handles events, and states of aggregates. */
export class LogServices {
  readonly subscriptions: JetStreamSubscriptions;
  readonly deadLetters: DeadLetters;
  readonly snapshots: Snapshots;
  readonly projections: ReturnType<typeof createProjections>;
  readonly processes: ReturnType<typeof createProcesses>;
  readonly replaying: ReturnType<typeof createReplays>;

  constructor(parts: StoreParts, log: LogAccess) {
    const { nc, jsm, channel, topology, limits, provisioning, clock, logger } = parts;
    const { reading, copies: replicas, checkOpen } = log;
    const bucket = new Bucket(nc, SUBSCRIPTION_BUCKET, { replicas, description: 'Annals: subscriptions' });
    const letters = createDeadLetterParts({ jsm, channel, topology, replicas, provisioning, logger, bucket });
    const stallMs = limits.subscriptionStallMs;
    this.deadLetters = createDeadLetters({ channel, topology, bucket, letters, clock, logger, checkOpen });
    this.subscriptions = createSubscriptions({ reading, bucket, letters, stallMs, clock, logger });
    this.snapshots = new JetStreamSnapshots({ channel, topology, replicas, logger, checkOpen });
    this.projections = createProjections({ jsm, reading, store: log, replicas, clock, logger, checkOpen });
    this.processes = createProcesses({ reading, store: log, replicas, clock, logger, checkOpen });
    this.replaying = createReplays({
      reading,
      subscriptions: { queue: letters.redeliveries, list: () => this.subscriptions.list() },
      options: parts.replays,
      registry: parts.replays.registry,
      replicas,
      newId: ulidSource(() => clock.now()),
      clock,
      logger,
      checkOpen,
    });
  }

  /** True while handlers of this process may run. */
  get isHandling(): boolean {
    return this.subscriptions.isHandling || this.projections.isRunning || this.processes.isRunning;
  }

  /** Begins nothing more, and waits for the handlers that run. Twice is harmless. */
  async stopHandling(): Promise<void> {
    await Promise.all([this.processes.close(), this.projections.close(), this.subscriptions.close()]);
  }
}
