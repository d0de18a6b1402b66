// The snippets of docs/guides/snapshots.md: each region stands there word for word.
import { type EventStore } from '@annals/core';
import { createInMemoryStore } from '@annals/testing';
import { AggregateRepository, AggregateRootRepository, EventsService, type IEventsService } from '../index.ts';
import { resolveServiceOptions } from '../options/service-options.ts';

// #region policy
import { defineAggregate } from '../index.ts';

export const cart = defineAggregate({
  type: 'cart',
  initialState: { total: 0 },
  evolve: ({ total }, { data }) => ({ total: total + (data as { price: number }).price }),
  decide: (price: number) => ({ type: 'cart.filled', data: { price } }),
  snapshots: { everyEvents: 100, maxAgeMs: 86_400_000 },
  stateVersion: 2,
  migrateState: (state, stateVersion) => (stateVersion === 1 ? { total: (state as { sum: number }).sum } : undefined),
});
// #endregion

// #region class
import { AggregateRoot, type AppliedEvent } from '../index.ts';

export class Requirement extends AggregateRoot {
  static readonly snapshots = { everyEvents: 50 };
  readonly aggregateType = 'Requirement';
  approvals: string[] = [];

  protected when(event: AppliedEvent): void {
    this.approvals.push((event.data as { by: string }).by);
  }
}
// #endregion

describe('the guide on snapshots', () => {
  let store: EventStore;
  let events: IEventsService;

  beforeEach(() => {
    store = createInMemoryStore();
    events = new EventsService(store, resolveServiceOptions({}));
  });

  it('takes them by policy and on demand', async () => {
    const carts = new AggregateRepository(store, cart, { snapshots: store.snapshots });
    await carts.execute('c1', 5);
    // #region demand
    await carts.takeSnapshot('c1');
    // #endregion
    expect(await events.getSnapshot('c1', 'cart')).toMatchObject({ version: 1, state: { total: 5 }, stateVersion: 2 });
  });

  it('makes use of old ones', async () => {
    const carts = new AggregateRepository(store, cart, { snapshots: store.snapshots });
    await carts.execute('c1', 5);
    await events.recordSnapshot('c1', 'cart', { version: 1, state: { sum: 7 } });
    expect((await carts.load('c1')).state).toEqual({ total: 7 });
  });

  it('keeps them by hand', async () => {
    for (const by of ['ada', 'bob', 'cy']) {
      await events.publishEvent('RequirementApproved', { by }, { aggregateType: 'Requirement', aggregateId: 'r1' });
    }
    const requirements = new AggregateRootRepository(store, Requirement, { snapshots: store.snapshots });
    const requirement = await requirements.loadAt('r1', { version: 2 });
    // #region record
    const { id, version, state } = requirement.getSnapshot();
    await events.recordSnapshot(id, 'Requirement', { version, state });
    // #endregion

    const seen: number[] = [];
    // #region after-snapshot
    const snapshot = await events.getSnapshot<Requirement>('r1', 'Requirement');
    const recent = await events.getEventsForAggregate('r1', 'Requirement', { afterSnapshot: true });
    const rebuilt = snapshot
      ? Requirement.fromSnapshotAndEvents({ id: 'r1', version: snapshot.version, state: { ...snapshot.state } }, recent)
      : Requirement.fromEvents(recent, 'r1');
    // #endregion
    seen.push(recent.length, rebuilt.version);
    expect(seen).toEqual([1, 3]);
    expect(rebuilt.approvals).toEqual(['ada', 'bob', 'cy']);

    // #region administer
    const { snapshots, nextCursor } = await events.listSnapshots({ aggregateType: 'Requirement', limit: 50 });
    await events.deleteSnapshot('r1', 'Requirement');
    // #endregion
    expect([snapshots.length, nextCursor]).toEqual([1, undefined]);
    expect(await events.getSnapshot('r1', 'Requirement')).toBeUndefined();
  });
});
