import { initialStateOf } from '@annals/core';
import { testAggregate } from '@annals/testing';
import type { Decision } from '../aggregate/decision.ts';
import * as decide from './user-decisions.ts';
import type { Integration, UserEvent } from './user-events.ts';
import { userAggregate, type User } from './user.ts';

const ada = { name: 'Ada Berg', email: 'ada@example.com' };
const calendar: Integration = {
  integrationId: 'i-1',
  provider: 'google-calendar',
  externalId: 'ada',
  scopes: ['read'],
};
const created: UserEvent = { type: 'user.created', data: { userId: 'u-1', clerkId: 'clerk-1', ...ada } };
const deleted: UserEvent = { type: 'user.deleted', data: {} };

function given(...events: readonly UserEvent[]): User {
  return events.reduce(
    (user, event, index) => userAggregate.evolve(user, { ...event, timestamp: `2025-01-0${index + 1}T00:00:00Z` }),
    initialStateOf(userAggregate),
  );
}

const refusal = (decision: Decision<UserEvent>) => ('rejection' in decision ? decision.rejection.code : 'none');

describe('a user', () => {
  it('is what its events tell', () => {
    const events: UserEvent[] = [
      created,
      { type: 'user.updated', data: { phone: '+31 20 555' } },
      { type: 'user.location.updated', data: { lat: 52.37, long: 4.89 } },
      { type: 'user.integration.created', data: calendar },
    ];
    const happened = events.map((event, i) => ({ ...event, timestamp: `2025-01-0${i + 1}T00:00:00Z` }));
    testAggregate(userAggregate)
      .given(...happened)
      .expect({
        status: 'active',
        profile: { ...ada, phone: '+31 20 555' },
        clerkId: 'clerk-1',
        location: { lat: 52.37, long: 4.89 },
        integrations: { 'i-1': calendar },
        createdAt: '2025-01-01T00:00:00Z',
        updatedAt: '2025-01-04T00:00:00Z',
      });
  });

  it('keeps its state when an event comes that this version does not know', () => {
    const user = given(created);
    const unknown = { type: 'user.knighted', data: {}, timestamp: 'later' } as never;
    expect(userAggregate.evolve(user, unknown)).toBe(user);
  });

  it('is created once', () => {
    expect(decide.createUser(given(), 'u-1', ada, 'clerk-1')).toEqual({ events: [created] });
    expect(refusal(decide.createUser(given(created), 'u-1', ada))).toBe('user-exists');
    expect(refusal(decide.createUser(given(created, deleted), 'u-1', ada))).toBe('user-exists');
  });

  it('is updated with what is different only, and not at all when nothing is', () => {
    const changes = { name: 'Ada Berg', email: 'ada@example.org', phone: undefined };
    expect(decide.updateUser(given(created), 'u-1', changes as never)).toEqual({
      events: [{ type: 'user.updated', data: { email: 'ada@example.org' } }],
    });
    expect(decide.updateUser(given(created), 'u-1', ada)).toEqual({ events: [] });
  });

  it('moves only when the place is another', () => {
    const home = { lat: 52.37, long: 4.89 };
    const moved: UserEvent = { type: 'user.location.updated', data: home };
    expect(decide.moveUser(given(created), 'u-1', home)).toEqual({ events: [moved] });
    expect(decide.moveUser(given(created, moved), 'u-1', home)).toEqual({ events: [] });
    expect(decide.moveUser(given(created, moved), 'u-1', { ...home, address: 'Dam 1' })).toMatchObject({
      events: [{ data: { address: 'Dam 1' } }],
    });
  });

  it('connects each account of another system once', () => {
    const connected = given(created, { type: 'user.integration.created', data: calendar });
    expect(decide.addIntegration(given(created), 'u-1', calendar)).toEqual({
      events: [{ type: 'user.integration.created', data: calendar }],
    });
    expect(refusal(decide.addIntegration(connected, 'u-1', calendar))).toBe('integration-exists');
    expect(refusal(decide.addIntegration(connected, 'u-1', { ...calendar, integrationId: 'i-2' }))).toBe(
      'integration-exists',
    );
    expect(
      refusal(decide.addIntegration(connected, 'u-1', { ...calendar, integrationId: 'i-2', externalId: 'b' })),
    ).toBe('none');
  });

  it('has an upper limit of integrations', () => {
    const many = Array.from({ length: decide.MAX_INTEGRATIONS }, (_, i): UserEvent => {
      return { type: 'user.integration.created', data: { ...calendar, integrationId: `i-${i}`, externalId: `${i}` } };
    });
    const user = many.reduce(
      (state, event) => userAggregate.evolve(state, { ...event, timestamp: 't' }),
      given(created),
    );
    const more = { ...calendar, integrationId: 'more', externalId: 'more' };
    expect(refusal(decide.addIntegration(user, 'u-1', more))).toBe('too-many-integrations');
  });

  it('loses an integration once, also after it was deleted', () => {
    const connected: UserEvent = { type: 'user.integration.created', data: calendar };
    const removed: UserEvent = {
      type: 'user.integration.deleted',
      data: { integrationId: 'i-1', provider: 'google-calendar' },
    };
    expect(decide.removeIntegration(given(created, connected), 'u-1', 'i-1')).toEqual({ events: [removed] });
    expect(decide.removeIntegration(given(created, connected, deleted), 'u-1', 'i-1')).toEqual({ events: [removed] });
    expect(decide.removeIntegration(given(created, connected, removed), 'u-1', 'i-1')).toEqual({ events: [] });
    expect(decide.removeIntegration(given(created), 'u-1', 'toString')).toEqual({ events: [] });
  });

  it('is deleted once, and then refuses everything else', () => {
    expect(decide.deleteUser(given(created), 'u-1', 'left')).toEqual({
      events: [{ type: 'user.deleted', data: { reason: 'left' } }],
    });
    const gone = given(created, deleted);
    expect(decide.deleteUser(gone, 'u-1')).toEqual({ events: [] });
    for (const decision of [
      decide.updateUser(gone, 'u-1', { name: 'x' }),
      decide.moveUser(gone, 'u-1', { lat: 0, long: 0 }),
      decide.addIntegration(gone, 'u-1', calendar),
    ]) {
      expect(decision).toMatchObject({ rejection: { kind: 'gone', code: 'user-deleted' } });
    }
  });

  it('must exist for everything but being created', () => {
    for (const decision of [
      decide.updateUser(given(), 'u-1', { name: 'x' }),
      decide.moveUser(given(), 'u-1', { lat: 0, long: 0 }),
      decide.addIntegration(given(), 'u-1', calendar),
      decide.removeIntegration(given(), 'u-1', 'i-1'),
      decide.deleteUser(given(), 'u-1'),
    ]) {
      expect(decision).toMatchObject({ rejection: { kind: 'not-found', code: 'user-not-found' } });
    }
  });
});
