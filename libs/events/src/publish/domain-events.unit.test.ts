import type { EventStore } from '@annals/core';
import { createInMemoryStore } from '@annals/testing';
import { AggregateRoot, EventsService } from '../index.ts';
import { resolveServiceOptions } from '../options/service-options.ts';

class Requirement extends AggregateRoot {
  readonly aggregateType = 'Requirement';
  approve(by: string): void {
    this.apply('RequirementApproved', { by }, { userId: by });
  }
  protected when(): void {}
}

describe('Event Sourcing: domain events', () => {
  let store: EventStore;
  let events: EventsService;

  beforeEach(() => {
    store = createInMemoryStore();
    events = new EventsService(store, resolveServiceOptions({}));
  });

  it('of an aggregate are published as it raised them, in the tenant that is named', async () => {
    const requirement = new Requirement('r1');
    requirement.approve('ada');
    requirement.approve('bob');
    const result = await events.publishAll(requirement.getDomainEvents(), 'acme');
    requirement.clearDomainEvents();
    expect(result.heads).toMatchObject([{ version: 2, aggregate: { tenantId: 'acme' } }]);
    const stored = await events.getEventsForAggregate('r1', 'Requirement', { tenantId: 'acme' });
    expect(stored).toMatchObject([
      { type: 'RequirementApproved', data: { by: 'ada' }, userId: 'ada' },
      { type: 'RequirementApproved', data: { by: 'bob' }, userId: 'bob' },
    ]);
    requirement.approve('cy');
    await events.publishAll(requirement.getDomainEvents(), { tenantId: 'acme' });
    expect(
      Requirement.fromEvents(await events.getEventsForAggregate('r1', 'Requirement', { tenantId: 'acme' })).version,
    ).toBe(3);
  });

  it('are refused when somebody else was faster', async () => {
    const [one, other] = [new Requirement('r1'), new Requirement('r1')];
    one.approve('ada');
    other.approve('bob');
    await events.publishAll(one.getDomainEvents());
    await expect(events.publishAll(other.getDomainEvents())).rejects.toMatchObject({ code: 'concurrency-conflict' });
    await expect(events.publish(other.getDomainEvents()[0]!)).rejects.toMatchObject({ code: 'concurrency-conflict' });
  });

  it('may name type, id and time as subscribers see them', async () => {
    await events.publish({
      eventType: 'RequirementApproved',
      eventId: 'e-1',
      occurredAt: new Date('2026-01-01T00:00:00Z'),
      aggregateId: 'r1',
      aggregateType: 'Requirement',
      expectedVersion: 'none',
      data: { by: 'ada' },
    });
    expect(await events.getEventsForAggregate('r1', 'Requirement')).toMatchObject([
      { messageId: 'e-1', type: 'RequirementApproved', timestamp: '2026-01-01T00:00:00.000Z', data: { by: 'ada' } },
    ]);
  });

  it('need not be any', async () => {
    expect(await events.publishAll(new Requirement('r1').getDomainEvents())).toEqual({
      events: [],
      heads: [],
      repeated: false,
    });
  });

  it.each<[unknown, string]>([
    [undefined, 'events'],
    [[{ eventType: 'a', data: 1, occurredAt: new Date('never') }], 'events.0.occurredAt'],
    [[null], 'events.0'],
  ])('must be events: %j', async (wrong, path) => {
    await expect(events.publishAll(wrong as never)).rejects.toMatchObject({ errors: [{ path }] });
  });
});
