import { Injectable, Module } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import type { EventStore } from '@annals/core';
import { createInMemoryStore, eventually } from '@annals/testing';
import {
  AggregateRoot,
  type AppliedEvent,
  EventsModule,
  EventsService,
  InjectAggregate,
  type RepositoryOf,
  aggregateToken,
  defineAggregate,
  runInCorrelation,
} from '../index.ts';

const account = defineAggregate({
  type: 'account',
  initialState: { balance: 0 },
  evolve: ({ balance }, { data }) => ({ balance: balance + (data as number) }),
  decide: (amount: number) => ({ type: 'account.paid', data: amount }),
  snapshots: { everyEvents: 2 },
});

class Requirement extends AggregateRoot {
  readonly aggregateType = 'Requirement';
  approvals = 0;
  approve(by: string): void {
    this.apply('RequirementApproved', { by });
  }
  protected when(_event: AppliedEvent): void {
    this.approvals += 1;
  }
}

@Injectable()
class Accounts {
  constructor(
    @InjectAggregate(account) readonly accounts: RepositoryOf<typeof account>,
    @InjectAggregate(Requirement) readonly requirements: RepositoryOf<typeof Requirement>,
  ) {}
}

@Module({ imports: [EventsModule.forFeature([account, Requirement])], providers: [Accounts] })
class AccountsModule {}

@Module({ imports: [EventsModule.forFeature([account])] })
class ReportsModule {}

describe('EventsModule.forFeature', () => {
  let store: EventStore;
  let app: TestingModule;
  let accounts: Accounts;

  beforeEach(async () => {
    store = createInMemoryStore();
    const root = EventsModule.forRoot({ store, tenantId: 'acme', source: { name: 'bank' } });
    app = await Test.createTestingModule({ imports: [root, AccountsModule, ReportsModule] }).compile();
    await app.init();
    accounts = app.get(Accounts, { strict: false });
  });

  afterEach(() => app.close());

  it('injects repositories, one for each aggregate in the whole application', async () => {
    expect(await accounts.accounts.execute('a1', 5)).toMatchObject({ state: { balance: 5 }, version: 1 });
    expect(app.select(ReportsModule).get(aggregateToken(account), { strict: false })).toBe(accounts.accounts);
    expect(await store.currentVersion({ type: 'account', id: 'a1', tenantId: 'acme' })).toBe(1);
  });

  it('injects repositories of classes', async () => {
    await accounts.requirements.change('r1', (requirement) => requirement.approve('ada'));
    const requirement = await accounts.requirements.load('r1');
    expect([requirement.approvals, requirement.version]).toEqual([1, 1]);
  });

  it('gives events the module’s source, and the chain and tenant of the running code', async () => {
    await runInCorrelation(
      { correlationId: 'chain', causationId: 'cause', userId: 'ada', tenantId: 'other' },
      async () => {
        await accounts.accounts.execute('a1', 5);
        await accounts.requirements.change('r1', (requirement) => requirement.approve('ada'));
        expect((await accounts.accounts.load('a1')).version).toBe(1);
      },
    );
    expect((await accounts.accounts.load('a1')).version).toBe(0);
    const expected = { correlationId: 'chain', causationId: 'cause', userId: 'ada', source: { name: 'bank' } };
    for (const ref of [
      { type: 'account', id: 'a1' },
      { type: 'Requirement', id: 'r1' },
    ]) {
      expect((await store.load({ ...ref, tenantId: 'other' })).events).toMatchObject([expected]);
    }
  });

  it('carries on the chain of the event that is handled', async () => {
    const events = app.get(EventsService);
    await events.subscribeToEvents('order.paid', ({ data }) => accounts.accounts.execute('a1', data as number), {
      name: 'payments',
    });
    const { events: published } = await events.publishEvent('order.paid', 7, { userId: 'bob' });
    const ref = { type: 'account', id: 'a1', tenantId: 'acme' };
    await eventually(() => store.exists(ref));
    const { messageId } = published[0]!;
    expect((await store.load(ref)).events).toMatchObject([
      { data: 7, causationId: messageId, correlationId: messageId, userId: 'bob' },
    ]);
  });

  it('has kept the snapshots that were being taken when the application has shut down', async () => {
    await accounts.accounts.execute('a1', 1);
    await accounts.accounts.execute('a1', 1);
    void accounts.accounts.load('a1');
    await accounts.accounts.load('a1');
    await app.close();
    expect(await store.snapshots.get({ type: 'account', id: 'a1', tenantId: 'acme' })).toMatchObject({ version: 2 });
  });

  it('takes the module to import where it is not global', async () => {
    const local = EventsModule.forRoot({ store, isGlobal: false });
    @Module({ imports: [EventsModule.forFeature([account, Requirement], { imports: [local] })], providers: [Accounts] })
    class LocalModule {}
    const other = await Test.createTestingModule({ imports: [LocalModule] }).compile();
    expect((await other.get(Accounts).accounts.load('a1')).version).toBe(0);
    await other.close();
  });
});
