// The snippets of docs/guides/modelling-aggregates.md: each region stands there word for word.
import { Module } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { createInMemoryStore, testAggregate } from '@annals/testing';

// #region define
import { type EventOf, defineAggregate, defineEvents } from '../index.ts';

export const accountEvents = defineEvents({
  'account.opened': {
    class: class AccountOpened {
      owner!: string;
    },
  },
  'account.paid-in': {
    class: class PaidIn {
      amount!: number;
    },
  },
  'account.paid-out': {
    class: class PaidOut {
      amount!: number;
    },
  },
});
type AccountEvent = EventOf<typeof accountEvents>;

type AccountCommand =
  { readonly type: 'open'; readonly owner: string } | { readonly type: 'pay-out'; readonly amount: number };

export class NotEnough extends Error {}

export const account = defineAggregate({
  type: 'account',
  initialState: { isOpen: false, balance: 0 },
  evolve: (state, event: AccountEvent) => {
    switch (event.type) {
      case 'account.opened':
        return { ...state, isOpen: true };
      case 'account.paid-in':
        return { ...state, balance: state.balance + event.data.amount };
      case 'account.paid-out':
        return { ...state, balance: state.balance - event.data.amount };
      default:
        return state;
    }
  },
  decide: (command: AccountCommand, state) => {
    switch (command.type) {
      case 'open':
        return state.isOpen ? [] : { type: 'account.opened', data: { owner: command.owner } };
      case 'pay-out':
        if (state.balance < command.amount) throw new NotEnough(`there are only ${state.balance}`);
        return { type: 'account.paid-out', data: { amount: command.amount } };
    }
  },
});
// #endregion

// #region inject
import { Injectable } from '@nestjs/common';
import { EventsModule, InjectAggregate, type RepositoryOf } from '../index.ts';

@Injectable()
export class AccountsService {
  constructor(@InjectAggregate(account) private readonly accounts: RepositoryOf<typeof account>) {}

  async payOut(id: string, amount: number): Promise<number> {
    const { state } = await this.accounts.execute(id, { type: 'pay-out', amount });
    return state.balance;
  }
}

@Module({ imports: [EventsModule.forFeature([account])], providers: [AccountsService] })
export class AccountsModule {}
// #endregion

// #region class
import { AggregateRoot, type AppliedEvent } from '../index.ts';

export class Requirement extends AggregateRoot {
  readonly aggregateType = 'Requirement';
  status: 'draft' | 'approved' = 'draft';

  approve(by: string): void {
    if (this.status === 'approved') throw new Error('is approved already');
    this.apply('RequirementApproved', { by });
  }

  protected when(event: AppliedEvent): void {
    if (event.type === 'RequirementApproved') this.status = 'approved';
  }
}
// #endregion

import { EventsService, type IEventsService, aggregateToken } from '../index.ts';

describe('the guide on modelling aggregates', () => {
  let app: TestingModule;
  let events: IEventsService;
  let accounts: RepositoryOf<typeof account>;
  let requirements: RepositoryOf<typeof Requirement>;

  beforeEach(async () => {
    const root = EventsModule.forRoot({ store: createInMemoryStore(), registry: accountEvents });
    const imports = [root, AccountsModule, EventsModule.forFeature([Requirement])];
    app = await (await Test.createTestingModule({ imports }).compile()).init();
    events = app.get(EventsService);
    accounts = app.get(aggregateToken(account), { strict: false });
    requirements = app.get(aggregateToken(Requirement), { strict: false });
  });

  afterEach(() => app.close());

  it('executes commands', async () => {
    await accounts.execute('a1', { type: 'open', owner: 'ada' });
    await events.publishEvent('account.paid-in', { amount: 50 }, { aggregateType: 'account', aggregateId: 'a1' });
    expect(await app.get(AccountsService, { strict: false }).payOut('a1', 20)).toBe(30);
    await expect(app.get(AccountsService, { strict: false }).payOut('a1', 31)).rejects.toBeInstanceOf(NotEnough);

    // #region execute
    const { state, version, result } = await accounts.execute(
      'a1',
      { type: 'pay-out', amount: 10 },
      { userId: 'ada', expectedVersion: 3 },
    );
    // #endregion
    expect([state.balance, version, result?.repeated]).toEqual([20, 4, false]);

    // #region load
    const now = await accounts.load('a1');
    const before = await accounts.loadAt('a1', { version: 2 });
    const atNewYear = await accounts.loadAt('a1', { asOf: '2026-01-01T00:00:00Z' });
    // #endregion
    expect([now.state.balance, before.state.balance, atNewYear.version]).toEqual([20, 50, 0]);
  });

  it('publishes what an aggregate raised', async () => {
    const requirement = new Requirement('r1');
    const tenantId = 'acme';
    // #region publish-all
    requirement.approve('ada');
    await events.publishAll(requirement.getDomainEvents(), tenantId);
    requirement.clearDomainEvents();
    // #endregion
    expect(await events.getCurrentVersion('r1', 'Requirement', { tenantId })).toBe(1);
  });

  it('changes aggregates of a class by their repository', async () => {
    // #region change
    const requirement = await requirements.change('r1', (one) => one.approve('ada'));
    // #endregion
    expect([requirement.status, requirement.version]).toEqual(['approved', 1]);
    await expect(requirements.change('r1', (one) => one.approve('bob'))).rejects.toThrow('approved already');
  });

  it('is tested without a store', () => {
    // #region test
    testAggregate(account)
      .given({ type: 'account.opened', data: {} }, { type: 'account.paid-in', data: { amount: 5 } })
      .when({ type: 'pay-out', amount: 3 })
      .then({ type: 'account.paid-out', data: { amount: 3 } })
      .expect({ isOpen: true, balance: 2 });

    testAggregate(account).given().when({ type: 'pay-out', amount: 3 }).then(NotEnough);
    // #endregion
  });
});
