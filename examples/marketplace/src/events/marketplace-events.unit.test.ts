import 'reflect-metadata';
import { EventRegistry } from '@annals/core';
import { classValidation } from '@annals/events';
import { testMigrations } from '@annals/testing';
import { marketplaceEvents } from './marketplace-events.ts';

const registry = new EventRegistry({ classes: classValidation }).add(marketplaceEvents).seal();

describe('the events of the marketplace', () => {
  it.each(['user.location.updated', 'vendor.location.updated'])('have today’s names in an old %s', (type) => {
    testMigrations(registry)
      .given({ type, schemaVersion: 1, data: { lat: 52.37, lng: 4.89 } })
      .expect({ type, schemaVersion: 2, data: { lat: 52.37, long: 4.89 } });
    testMigrations(registry)
      .given({ type, schemaVersion: 1, data: { lat: 52.37, long: 4.89, address: 'Dam 1' } })
      .expect({ type, schemaVersion: 2, data: { lat: 52.37, long: 4.89, address: 'Dam 1' } });
  });

  it('hold places on earth', async () => {
    const problems = await registry.dataProblems('user.location.updated', { lat: 91, long: 4.89 });
    expect(problems.map(({ path }) => path)).toEqual(['lat']);
  });
});
