// The snippets of docs/guides/reading-events.md: each region stands there word for word.
import { createInMemoryStore } from '@annals/testing';
import { EventsService, type IEventsService } from '../index.ts';
import { resolveServiceOptions } from '../options/service-options.ts';

async function withEvents(): Promise<IEventsService> {
  const events = new EventsService(createInMemoryStore(), resolveServiceOptions({}));
  const user = { aggregateId: 'user-123', aggregateType: 'user' };
  await events.publishEvent('user.created', { name: 'Ann' }, { ...user, timestamp: '2024-01-01T10:00:00Z' });
  await events.publishEvent('user.updated', { name: 'Bea' }, { ...user, timestamp: '2024-01-20T10:00:00Z' });
  await events.publishEvent('order.placed', {}, { aggregateId: 'user-123', aggregateType: 'order' });
  return events;
}

describe('docs/guides/reading-events.md', () => {
  it("reads an aggregate's events", async () => {
    const events = await withEvents();
    // #region aggregate
    const all = await events.getEventsForAggregate<{ name: string }>('user-123', 'user');
    const names = all.map((event) => `${event.version}: ${event.data.name}`);

    const newer = await events.getEventsAfter('user-123', 'user', 1);
    const last = await events.getEventsForAggregate('user-123', 'user', { direction: 'backwards', limit: 1 });
    // #endregion
    expect(names).toEqual(['1: Ann', '2: Bea']);
    expect(newer).toHaveLength(1);
    expect(last).toMatchObject([{ version: 2 }]);
  });

  it('asks for head and existence', async () => {
    const events = await withEvents();
    // #region head
    const known = await events.exists('user-123', 'user');
    const version = await events.getCurrentVersion('user-123', 'user');
    // #endregion
    expect([known, version]).toEqual([true, 2]);
  });

  it('replays by criteria', async () => {
    const events = await withEvents();
    // #region replay
    const ofUser = await events.replayEvents({ aggregateId: 'user-123', aggregateType: 'user' });
    const created = await events.replayEvents({ eventTypes: ['user.created', 'vendor.created'] });
    const january = await events.replayEvents({
      fromTimestamp: '2024-01-01T00:00:00Z',
      toTimestamp: '2024-01-31T23:59:59Z',
    });
    // #endregion
    expect([ofUser.length, created.length, january.length]).toEqual([2, 1, 2]);
  });

  it('reads by type, by aggregate type and since a moment', async () => {
    const events = await withEvents();
    // #region by-type
    const updates = await events.getEventsByType('user.updated');
    const anyUserEvent = await events.getEventsByType('user.>');
    const orders = await events.getEventsByAggregateType('order');
    const lastHour = await events.getEventsSince(new Date(Date.now() - 3_600_000));
    // #endregion
    expect([updates.length, anyUserEvent.length, orders.length, lastHour.length]).toEqual([1, 2, 1, 1]);
  });

  it('tells the history', async () => {
    const events = await withEvents();
    // #region history
    const ofAggregate = await events.getEventHistory('user-123', 'user');
    const ofIdInAnyType = await events.getEventHistory('user-123');
    const ofType = await events.getEventHistory(undefined, 'order');
    // #endregion
    expect([ofAggregate.length, ofIdInAnyType.length, ofType.length]).toEqual([2, 3, 1]);
  });

  it('iterates over any number', async () => {
    const events = await withEvents();
    // #region iterate
    const counts = new Map<string, number>();
    for await (const event of events.iterateEvents({ eventTypes: ['user.*'] })) {
      counts.set(event.type, (counts.get(event.type) ?? 0) + 1);
    }
    // #endregion
    expect(counts).toEqual(
      new Map([
        ['user.created', 1],
        ['user.updated', 1],
      ]),
    );
  });

  it('takes up where it ended', async () => {
    const events = await withEvents();
    const firstPage = await events.replayEvents({ limit: 1 });
    // #region resume
    const lastSeen = firstPage.at(-1)!.position;
    const nextPage = await events.replayEvents({ after: [lastSeen], limit: 100 });
    // #endregion
    expect(nextPage.map((event) => event.type)).toEqual(['user.updated', 'order.placed']);
  });

  it('reads in another tenant', async () => {
    const events = await withEvents();
    // #region tenant
    const theirs = await events.getEventsForAggregate('user-123', 'user', { tenantId: 'acme' });
    // #endregion
    expect(theirs).toEqual([]);
  });
});
