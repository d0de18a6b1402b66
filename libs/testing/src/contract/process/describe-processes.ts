import { afterAll, afterEach, beforeAll, beforeEach, describe } from '@jest/globals';
import type { EventStoreFactory } from '../describe-event-store.ts';
import { compensationContract } from './compensation.contract.ts';
import { decisionContract } from './decision.contract.ts';
import { effectContract } from './effect.contract.ts';
import { inspectionContract } from './inspection.contract.ts';
import { ProcessContext } from './process-context.ts';
import { replicaContract } from './replica.contract.ts';
import { timerContract } from './timer.contract.ts';

/**
 * Tests all that the port `Processes` promises, for one implementation.
 *
 * @param name of the implementation, for the tests' names
 */
export function describeProcesses(name: string, factory: EventStoreFactory): void {
  describe(`${name} as a runner of process managers`, () => {
    const context = new ProcessContext(factory);
    beforeAll(() => context.open());
    beforeEach(() => context.begin());
    afterEach(() => context.stopAll());
    afterAll(() => context.close());

    decisionContract(context);
    effectContract(context);
    timerContract(context);
    compensationContract(context);
    replicaContract(context);
    inspectionContract(context);
  });
}
