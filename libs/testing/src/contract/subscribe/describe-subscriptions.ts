import { afterAll, afterEach, beforeAll, describe } from '@jest/globals';
import type { EventStoreFactory } from '../describe-event-store.ts';
import { concurrencyContract } from './concurrency.contract.ts';
import { deliveryContract } from './delivery.contract.ts';
import { failureContract } from './failure.contract.ts';
import { managementContract } from './management.contract.ts';
import { orderedContract } from './ordered.contract.ts';
import { pauseContract } from './pause.contract.ts';
import { refusalContract } from './refusal.contract.ts';
import { replicaContract } from './replica.contract.ts';
import { rewindContract } from './rewind.contract.ts';
import { startContract } from './start.contract.ts';
import { stopContract } from './stop.contract.ts';
import { SubscriptionContext } from './subscription-context.ts';
import { wantedContract } from './wanted.contract.ts';

/**
 * Tests all that the port `Subscriptions` promises, for one implementation.
 *
 * Every test has a tenant and a subscription of its own, so one server serves the whole suite, and other suites beside it.
 *
 * @param name of the implementation, for the tests' names
 */
export function describeSubscriptions(name: string, factory: EventStoreFactory): void {
  describe(`${name}: subscriptions`, () => {
    const context = new SubscriptionContext(factory);
    beforeAll(() => context.open());
    afterEach(() => context.clean());
    afterAll(() => context.close());

    deliveryContract(context);
    wantedContract(context);
    startContract(context);
    failureContract(context);
    concurrencyContract(context);
    orderedContract(context);
    replicaContract(context);
    stopContract(context);
    managementContract(context);
    pauseContract(context);
    rewindContract(context);
    refusalContract(context);
  });
}
