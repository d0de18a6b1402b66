// A module as STATE_MODULE names one, for tests.
import { type AnyEvent, defineAggregate, defineEvents, splitInto } from '@annals/core';

interface Account {
  readonly owner: string;
  readonly balance: number;
}

const account = defineAggregate({
  type: 'account',
  initialState: (): Account => ({ owner: '', balance: 0 }),
  stateVersion: 2,
  snapshots: { everyEvents: 3 },
  evolve: (state: Account, { type, data }: AnyEvent): Account => {
    switch (type) {
      case 'account.opened':
        return { ...state, owner: (data as { owner: string }).owner };
      case 'account.paid':
        return { ...state, balance: state.balance + (data as { cents: number }).cents };
      case 'account.broken':
        throw new Error('no such entry');
      default:
        return state;
    }
  },
});

export const aggregates = [
  account,
  // Changes the state that it is given, which every request begins with.
  { type: 'careless', initialState: { list: [] as number[] }, evolve: (s: { list: number[] }) => (s.list.push(1), s) },
  { type: 'late', initialState: {}, evolve: async () => ({}) },
  { type: 'circular', initialState: {}, evolve: () => circle() },
];

export const registry = defineEvents({
  'account.opened': { version: 2, migrations: { 1: { rename: { name: 'owner' } } } },
  'account.paid': {
    version: 2,
    migrations: {
      // An amount in francs became one in cents, and one with a fee two events; nothing was no event at all.
      1: ({ francs, fee = 0 }: { francs: number; fee?: number }) => {
        if (francs === 0) return splitInto();
        const paid = { cents: francs * 100 };
        return fee === 0 ? paid : splitInto({ data: paid }, { data: { cents: -fee * 100 } });
      },
    },
  },
});

function circle(): object {
  const state: Record<string, unknown> = {};
  state['self'] = state;
  return state;
}
