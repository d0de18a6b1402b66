import { afterAll, beforeAll, describe } from '@jest/globals';
import { controlContract } from './control.contract.ts';
import { deliveryContract } from './delivery.contract.ts';
import { failureContract } from './failure.contract.ts';
import { listContract } from './list.contract.ts';
import { ReplayContext, type ReplayStoreFactory } from './replay-context.ts';
import { requestContract } from './request.contract.ts';
import { subscriptionTargetContract } from './subscription-target.contract.ts';

/**
 * Tests all that the port `ReplayJobs` promises, for one implementation.
 *
 * Every test has a tenant and a target of its own. Pages of jobs are looked at too, so nobody else may start replays there.
 *
 * @param name of the implementation, for the tests' names
 */
export function describeReplayJobs(name: string, factory: ReplayStoreFactory): void {
  describe(`${name}: replays`, () => {
    const context = new ReplayContext(factory);
    beforeAll(() => context.open());
    afterAll(() => context.close());

    deliveryContract(context);
    failureContract(context);
    controlContract(context);
    requestContract(context);
    listContract(context);
    subscriptionTargetContract(context);
  });
}
