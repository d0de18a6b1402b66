import { afterAll, beforeAll, describe } from '@jest/globals';
import type { EventStore } from '@annals/core';
import { abortContract } from './abort.contract.ts';
import { aggregateReadContract } from './aggregate-read.contract.ts';
import { appendAllContract } from './append-all.contract.ts';
import { appendContract } from './append.contract.ts';
import { concurrencyContract } from './concurrency.contract.ts';
import { ContractContext } from './contract-context.ts';
import { expectationContract } from './expectation.contract.ts';
import { filterContract } from './filter.contract.ts';
import { hostileNameContract } from './hostile-name.contract.ts';
import { idempotencyContract } from './idempotency.contract.ts';
import { lifecycleContract } from './lifecycle.contract.ts';
import { limitContract } from './limit.contract.ts';
import { loadContract } from './load.contract.ts';
import { modelContract } from './model.contract.ts';
import { readAtContract } from './read-at.contract.ts';
import { retryContract } from './retry.contract.ts';
import { statsContract } from './stats.contract.ts';
import { storeReadContract } from './store-read.contract.ts';
import { validationContract } from './validation.contract.ts';

/** Opens the stores that are put to the test. */
export interface EventStoreFactory {
  /** Opens a store. The suite closes what it opens. */
  open(): Promise<EventStore>;
  /**
   * True when all stores that `open` returns are on the same data. Rules about several processes are then tested with
   * several stores; with one where they share nothing.
   */
  readonly sharesData?: boolean;
  /**
   * True when a replica may answer a process that knows nothing of an append by another one without that append, for a
   * moment. The suite then waits until it is seen; what a process appended itself must be seen at once all the same.
   */
  readonly replicated?: boolean;
  /** Aggregate types that the stores keep in streams of their own, one stream each; none unless given. */
  readonly separateTypes?: readonly string[];
}

/**
 * Tests all that the port `EventStore` promises, for one implementation.
 *
 * Every test has a tenant of its own, so one server serves the whole suite, and other suites beside it.
 *
 * @param name of the implementation, for the tests' names
 * @example
 * let server: TestNatsServer;
 * beforeAll(async () => { server = await startNatsServer(); });
 * afterAll(() => server.stop());
 * describeEventStore('JetStream', { open: () => openJetStreamStore({ servers: server.url }), sharesData: true });
 */
export function describeEventStore(name: string, factory: EventStoreFactory): void {
  describe(`${name} as an event store`, () => {
    const context = new ContractContext(factory);
    beforeAll(() => context.open());
    afterAll(() => context.close());

    appendContract(context);
    expectationContract(context);
    appendAllContract(context);
    idempotencyContract(context);
    retryContract(context);
    concurrencyContract(context);
    aggregateReadContract(context);
    readAtContract(context);
    loadContract(context);
    storeReadContract(context);
    filterContract(context);
    statsContract(context);
    abortContract(context);
    hostileNameContract(context);
    validationContract(context);
    limitContract(context);
    modelContract(context);
    lifecycleContract(context);
  });
}
