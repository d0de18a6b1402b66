import { afterAll, beforeAll, describe } from '@jest/globals';
import { ContractContext } from '../contract-context.ts';
import type { EventStoreFactory } from '../describe-event-store.ts';
import { followEndContract } from './follow-end.contract.ts';
import { followContract } from './follow.contract.ts';

/**
 * Tests all that the port `EventStore` promises of `follow`, for one implementation.
 *
 * Every test has a tenant of its own, so one server serves the whole suite, and other suites beside it.
 *
 * @param name of the implementation, for the tests' names
 */
export function describeFollow(name: string, factory: EventStoreFactory): void {
  describe(`${name}, followed,`, () => {
    const context = new ContractContext(factory);
    beforeAll(() => context.open());
    afterAll(() => context.close());

    followContract(context);
    followEndContract(context);
  });
}
