import { beforeEach, describe, expect, it } from '@jest/globals';
import { createInMemoryStore } from '@annals/testing';
import {
  AggregateRoot,
  AggregateRootRepository,
  type AppliedEvent,
  EventRegistry,
  type EventStore,
  splitInto,
  withRegistry,
} from '../index.ts';

class Requirement extends AggregateRoot {
  static readonly snapshots = { everyEvents: 3 };
  readonly aggregateType = 'Requirement';
  approvedBy: string[] = [];
  #notPartOfIt = 0;

  approve(by: string): void {
    if (this.approvedBy.includes(by)) throw new Error(`${by} approved already`);
    this.apply('RequirementApproved', { by });
  }

  get secret(): number {
    return this.#notPartOfIt;
  }

  protected when({ type, data }: AppliedEvent): void {
    this.#notPartOfIt += 1;
    if (type === 'RequirementApproved') this.approvedBy.push((data as { by: string }).by);
  }
}

const ref = { type: 'Requirement', id: 'r1' };

describe('a repository of a class of aggregates', () => {
  let store: EventStore;
  let repository: AggregateRootRepository<Requirement>;

  beforeEach(() => {
    store = createInMemoryStore();
    repository = new AggregateRootRepository(store, Requirement, { snapshots: store.snapshots });
  });

  it('loads one without events at version 0, saves what it raised, and loads that', async () => {
    const requirement = await repository.load('r1');
    expect([requirement.version, requirement.id]).toEqual([0, 'r1']);
    expect(await repository.save(requirement)).toBeUndefined();
    requirement.approve('ada');
    requirement.approve('bob');
    const result = await repository.save(requirement, { userId: 'ada' });
    expect(result?.heads).toMatchObject([{ version: 2 }]);
    expect([requirement.version, requirement.getDomainEvents()]).toEqual([2, []]);
    const again = await repository.load('r1');
    expect(again).toBeInstanceOf(Requirement);
    expect([again.approvedBy, again.version]).toEqual([['ada', 'bob'], 2]);
    const { events } = await store.load(ref);
    expect(events).toMatchObject([{ type: 'RequirementApproved', data: { by: 'ada' }, userId: 'ada' }, {}]);
  });

  it('refuses to save what somebody else changed meanwhile, and keeps what was raised', async () => {
    const [mine, others] = [await repository.load('r1'), await repository.load('r1')];
    others.approve('bob');
    await repository.save(others);
    mine.approve('ada');
    await expect(repository.save(mine)).rejects.toMatchObject({ code: 'concurrency-conflict' });
    expect(mine.getDomainEvents()).toHaveLength(1);
  });

  it('changes one anew when others were faster', async () => {
    const approvers = ['a', 'b', 'c', 'd', 'e', 'f'];
    await Promise.all(approvers.map((by) => repository.change('r1', (one) => one.approve(by), { retries: 100 })));
    expect((await repository.load('r1')).approvedBy.toSorted()).toEqual(approvers);
    await expect(repository.change('r1', (one) => one.approve('a'))).rejects.toThrow('approved already');
    await expect(repository.change('r1', () => {}, { retries: -1 })).rejects.toMatchObject({
      errors: [{ path: 'retries' }],
    });
  });

  it('loads from a snapshot and what came behind it', async () => {
    for (const by of ['a', 'b', 'c']) await repository.change('r1', (one) => one.approve(by));
    await repository.load('r1');
    await repository.settled();
    expect(await store.snapshots.get(ref)).toMatchObject({ version: 3, state: { approvedBy: ['a', 'b', 'c'] } });
    const atSnapshot = await repository.load('r1');
    expect([atSnapshot.version, atSnapshot.approvedBy, atSnapshot.secret]).toEqual([3, ['a', 'b', 'c'], 0]);
    const changed = await repository.change('r1', (one) => one.approve('d'));
    expect(changed.version).toBe(4);
    const behind = await repository.load('r1');
    // Only the event behind the snapshot was followed.
    expect([behind.version, behind.approvedBy, behind.secret]).toEqual([4, ['a', 'b', 'c', 'd'], 1]);
  });

  it('takes a snapshot on demand, and none while events are raised', async () => {
    expect(await repository.takeSnapshot('r1')).toBeUndefined();
    await repository.change('r1', (one) => one.approve('a'));
    expect(await repository.takeSnapshot('r1')).toBe(1);
  });

  it('loads earlier ones', async () => {
    for (const by of ['a', 'b']) await repository.change('r1', (one) => one.approve(by));
    expect((await repository.loadAt('r1', { version: 1 })).approvedBy).toEqual(['a']);
    expect((await repository.loadAt('r1', { version: 0 })).version).toBe(0);
  });

  it('counts newest events that became none', async () => {
    await store.append(ref, [
      { type: 'RequirementApproved', data: { by: 'a' } },
      { type: 'pinged', data: {} },
    ]);
    const registry = new EventRegistry().registerMigration('pinged', 1, 2, () => splitInto()).seal();
    const migrated = new AggregateRootRepository(withRegistry(store, registry), Requirement);
    const requirement = await migrated.load('r1');
    expect([requirement.version, requirement.approvedBy]).toEqual([2, ['a']]);
    requirement.approve('b');
    await migrated.save(requirement);
    expect(await store.currentVersion(ref)).toBe(3);
  });

  it('works in the tenant and with the defaults that it was given', async () => {
    let tenantId = 'acme';
    const defaults = () => ({ correlationId: 'chain', userId: 'ambient' });
    const own = new AggregateRootRepository(store, Requirement, { tenantId: () => tenantId, defaults });
    await own.change('r1', (one) => one.approve('a'), { userId: undefined });
    tenantId = 'other';
    expect((await own.load('r1')).version).toBe(0);
    const { events } = await store.load({ ...ref, tenantId: 'acme' });
    expect(events).toMatchObject([{ correlationId: 'chain', userId: 'ambient' }]);
    expect((await own.load('r1', { tenantId: 'acme' })).version).toBe(1);
  });

  it('refuses a class without a type', () => {
    class Untyped extends AggregateRoot {
      declare readonly aggregateType: string;
      protected when(): void {}
    }
    expect(() => new AggregateRootRepository(store, Untyped)).toThrow(/Untyped must have a field aggregateType/);
  });
});
