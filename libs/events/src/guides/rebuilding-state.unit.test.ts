// The snippets of docs/guides/rebuilding-state.md: each region stands there word for word.
import { createInMemoryStore } from '@annals/testing';
import { EventsService, type IEventsService } from '../index.ts';
import { resolveServiceOptions } from '../options/service-options.ts';

// #region reducer
import type { EventMessage } from '../index.ts';

interface User {
  readonly name: string;
  readonly email: string;
  readonly updatedAt?: string;
  readonly isDeleted?: boolean;
}

const NO_USER: User = { name: '', email: '' };

function userReducer(state: User, event: EventMessage<Partial<User>>): User {
  switch (event.type) {
    case 'user.created':
      return { ...state, ...event.data };
    case 'user.updated':
      return { ...state, ...event.data, updatedAt: event.timestamp };
    case 'user.deleted':
      return { ...state, isDeleted: true };
    default:
      return state;
  }
}
// #endregion

async function withUser(): Promise<IEventsService> {
  const events = new EventsService(createInMemoryStore(), resolveServiceOptions({}));
  const user = { aggregateId: 'user-123', aggregateType: 'user' };
  const ann = { name: 'Ann', email: 'ann@example.org' };
  await events.publishEvent('user.created', ann, { ...user, timestamp: '2024-01-01T10:00:00Z' });
  await events.publishEvent('user.updated', { name: 'Bea' }, { ...user, timestamp: '2024-02-01T10:00:00Z' });
  return events;
}

describe('docs/guides/rebuilding-state.md', () => {
  it('rebuilds the newest state', async () => {
    const events = await withUser();
    // #region newest
    const user = await events.reconstructState('user-123', 'user', NO_USER, userReducer);
    // #endregion
    expect(user).toEqual({ name: 'Bea', email: 'ann@example.org', updatedAt: '2024-02-01T10:00:00Z' });
  });

  it('rebuilds an earlier state', async () => {
    const events = await withUser();
    // #region earlier
    const atFirst = await events.reconstructState('user-123', 'user', NO_USER, userReducer, { atVersion: 1 });
    const inJanuary = await events.reconstructState('user-123', 'user', NO_USER, userReducer, {
      asOf: '2024-01-31T23:59:59Z',
    });
    // #endregion
    expect([atFirst.name, inJanuary.name]).toEqual(['Ann', 'Ann']);
  });

  it('decides upon a state', async () => {
    const events = await withUser();
    // #region decide
    const { state, version } = await events.reconstructStateWithVersion('user-123', 'user', NO_USER, userReducer);
    if (state.isDeleted) throw new Error('This user was deleted.');
    await events.publishEvent(
      'user.updated',
      { email: 'bea@example.org' },
      { aggregateId: 'user-123', aggregateType: 'user', expectedVersion: version },
    );
    // #endregion
    expect(await events.getCurrentVersion('user-123', 'user')).toBe(3);
  });

  it('allows an incomplete history', async () => {
    const events = await withUser();
    // #region incomplete
    const { state, retainedFromVersion } = await events.reconstructStateWithVersion(
      'user-123',
      'user',
      NO_USER,
      userReducer,
      { allowIncomplete: true },
    );
    // #endregion
    expect(state.name).toBe('Bea');
    expect(retainedFromVersion).toBeUndefined();
  });
});
