import { afterAll, afterEach, beforeAll, describe } from '@jest/globals';
import type { EventStoreFactory } from '../describe-event-store.ts';
import { becomingContract } from './becoming.contract.ts';
import { LetterContext } from './letter-context.ts';
import { letterListContract } from './letter-list.contract.ts';
import { parkingContract } from './parking.contract.ts';
import { purgeContract } from './purge.contract.ts';
import { redriveContract } from './redrive.contract.ts';

/**
 * Tests all that the port `DeadLetters` promises, for one implementation.
 *
 * Every test has a tenant and a subscription of its own, so one server serves the whole suite, and other suites beside it.
 *
 * @param name of the implementation, for the tests' names
 */
export function describeDeadLetters(name: string, factory: EventStoreFactory): void {
  describe(`${name}: dead letters`, () => {
    const context = new LetterContext(factory);
    beforeAll(() => context.open());
    afterEach(() => context.clean());
    afterAll(() => context.close());

    becomingContract(context);
    letterListContract(context);
    parkingContract(context);
    redriveContract(context);
    purgeContract(context);
  });
}
