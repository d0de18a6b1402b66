import { afterAll, afterEach, beforeAll, beforeEach, describe } from '@jest/globals';
import { ContractContext } from '../contract-context.ts';
import type { EventStoreFactory } from '../describe-event-store.ts';
import { followingContract } from './following.contract.ts';
import { operatingContract } from './operating.contract.ts';
import { ProjectionContext } from './projection-context.ts';
import { rebuildContract } from './rebuild.contract.ts';
import { replicaContract } from './replica.contract.ts';

/**
 * Tests all that the port `Projections` promises, for one implementation.
 *
 * @param name of the implementation, for the tests' names
 */
export function describeProjections(name: string, factory: EventStoreFactory): void {
  describe(`${name} with projections`, () => {
    const context = new ContractContext(factory);
    let current: ProjectionContext;

    beforeAll(() => context.open());
    afterAll(() => context.close());
    beforeEach(() => {
      current = new ProjectionContext(context);
    });
    afterEach(() => current.stop());

    const test = (): ProjectionContext => current;
    followingContract(test);
    operatingContract(test);
    rebuildContract(test);
    replicaContract(test);
  });
}
