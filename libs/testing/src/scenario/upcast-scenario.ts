import type { EventRegistry } from '@annals/core';
import { type ExpectedEvent, expectEvents } from './expect-events.ts';
import { type GivenEvent, recorded } from './given-events.ts';
import { holdPure } from './hold-pure.ts';

/**
 * Tests migrations without a store: given stored events, expect events as they are today. Fails as well where a migration
 * changes what it is given.
 *
 * @example
 * testMigrations(registry).given({ type: 'user.moved', schemaVersion: 1, data: { town: 'Bern' } }).expect({ type: 'user.moved', schemaVersion: 2, data: { city: 'Bern' } });
 */
export function testMigrations(registry: EventRegistry): MigrationScenario {
  return new MigrationScenario(registry, []);
}

/** Stored events and the registry that reads them. */
export class MigrationScenario {
  constructor(
    private readonly registry: EventRegistry,
    private readonly events: readonly GivenEvent[],
  ) {}

  /** The events as they are stored. */
  given(...events: readonly GivenEvent[]): MigrationScenario {
    return new MigrationScenario(this.registry, [...this.events, ...events]);
  }

  /** Checks the events as they are read, by the fields that the expected ones name; none where nothing is given. @throws AssertionError */
  expect(...expected: readonly ExpectedEvent[]): void {
    const events = recorded(this.events, { type: 'aggregate', id: 'scenario' });
    const current = events.flatMap((event) => holdPure('a migration', { event }, () => this.registry.current(event)));
    expectEvents(current, expected, 'the migrated events');
  }
}
