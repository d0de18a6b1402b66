import {
  type EventStore,
  type ReplayJob,
  type ReplayJobs,
  type ReplayRequest,
  type ReplaySinks,
  isReplayOver,
} from '@annals/core';
import { eventually } from '../../wait/eventually.ts';
import { ContractContext, type TestAggregate } from '../contract-context.ts';
import { RecordingTarget } from './recording-target.ts';

/** Opens the stores whose replays are put to the test. */
export interface ReplayStoreFactory {
  /** Opens a store that drives replays, with these targets beside its own. The suite closes what it opens. */
  open(sinks: ReplaySinks): Promise<EventStore>;
  /** True when all stores that `open` returns are on the same data. */
  readonly sharesData?: boolean;
}

/** What the tests of replays share. */
export class ReplayContext extends ContractContext {
  readonly target: RecordingTarget;

  constructor(factory: ReplayStoreFactory) {
    const target = new RecordingTarget();
    super({ ...factory, open: () => factory.open({ webhook: target }) });
    this.target = target;
  }

  get replays(): ReplayJobs {
    return this.store.replays;
  }

  /** Of another process, where data are shared. */
  get operator(): ReplayJobs {
    return this.otherStore.replays;
  }

  /** An address that no other test has. */
  url(): string {
    return `https://${this.unique('target')}.example/`;
  }

  /** An aggregate of so many numbered events. */
  async filled(count: number): Promise<TestAggregate> {
    const aggregate = this.aggregate();
    await this.fill(aggregate, count);
    return aggregate;
  }

  /** Replays a tenant's events to an address. */
  to(url: string, { tenantId }: TestAggregate, more: Partial<ReplayRequest> = {}): Promise<ReplayJob> {
    return this.replays.start({ target: { type: 'webhook', url }, ...more, filter: { tenantId, ...more.filter } });
  }

  /** Waits until a job is as wanted. */
  until(id: string, wanted: (job: ReplayJob) => boolean): Promise<ReplayJob> {
    return eventually(
      async () => {
        const job = await this.replays.get(id);
        return wanted(job) && job;
      },
      { deadlineMs: 20_000 },
    );
  }

  untilOver(id: string): Promise<ReplayJob> {
    return this.until(id, ({ state }) => isReplayOver(state));
  }
}
