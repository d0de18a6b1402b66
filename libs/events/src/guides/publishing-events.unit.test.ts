// The snippets of docs/guides/publishing-events.md: each region stands there word for word.
import { Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { createInMemoryStore } from '@annals/testing';
import { EVENT_STORE } from '../index.ts';

// #region module
import { EventsModule } from '../index.ts';

@Module({
  imports: [
    EventsModule.forRoot({
      servers: 'nats://127.0.0.1:4222',
      source: { type: 'service', name: 'users' },
    }),
  ],
})
export class AppModule {}
// #endregion

// #region service
import { Inject, Injectable } from '@nestjs/common';
import type { IEventsService } from '../index.ts';

@Injectable()
export class UsersService {
  constructor(@Inject('EventsService') private readonly events: IEventsService) {}

  async register(id: string, name: string, clerkId: string): Promise<number> {
    const { heads } = await this.events.publishEvent(
      'user.created',
      { name },
      {
        aggregateId: id,
        aggregateType: 'user',
        expectedVersion: 'none',
        userId: clerkId,
        metadata: { source: 'clerk' },
      },
    );
    return heads[0]!.version;
  }
}
// #endregion

// #region retry
import { isConcurrencyError } from '../index.ts';

async function rename(events: IEventsService, id: string, name: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const { state, version } = await events.reconstructStateWithVersion(id, 'user', { name: '' }, currentName);
    if (state.name === name) return;
    try {
      await events.publishEvent(
        'user.renamed',
        { name },
        { aggregateId: id, aggregateType: 'user', expectedVersion: version },
      );
      return;
    } catch (error) {
      if (!isConcurrencyError(error) || attempt === 5) throw error;
    }
  }
}

const currentName = (state: { name: string }, event: EventMessage<{ name: string }>) => ({
  ...state,
  name: event.data.name,
});
// #endregion

import type { EventMessage } from '../index.ts';

async function start() {
  const testing = await Test.createTestingModule({ imports: [AppModule], providers: [UsersService] })
    .overrideProvider(EVENT_STORE)
    .useValue(createInMemoryStore())
    .compile();
  const app = await testing.init();
  return { app, users: app.get(UsersService), events: app.get<IEventsService>('EventsService') };
}

describe('docs/guides/publishing-events.md', () => {
  it('sets up the module and publishes from a service', async () => {
    const { app, users, events } = await start();
    expect(await users.register('user-123', 'Ann', 'clerk-1')).toBe(1);
    await expect(users.register('user-123', 'Ann', 'clerk-1')).rejects.toMatchObject({ code: 'concurrency-conflict' });
    expect(await events.getEventsForAggregate('user-123', 'user')).toMatchObject([
      { type: 'user.created', userId: 'clerk-1', source: { type: 'service', name: 'users' } },
    ]);
    await app.close();
  });

  it('decides anew on a conflict', async () => {
    const { app, users, events } = await start();
    await users.register('user-123', 'Ann', 'clerk-1');
    await Promise.all(['Bea', 'Cid', 'Dan'].map((name) => rename(events, 'user-123', name)));
    expect(await events.getCurrentVersion('user-123', 'user')).toBe(4);
    await app.close();
  });

  it('publishes several events as one', async () => {
    const { app, events } = await start();
    // #region several
    await events.publishEvents([
      {
        type: 'order.placed',
        data: { total: 12 },
        aggregateId: 'o-1',
        aggregateType: 'order',
        expectedVersion: 'none',
      },
      { type: 'stock.taken', data: { count: 1 }, aggregateId: 's-7', aggregateType: 'stock' },
      { type: 'order.paid', data: {}, aggregateId: 'o-1', aggregateType: 'order' },
    ]);
    // #endregion
    expect(await events.getCurrentVersion('o-1', 'order')).toBe(2);
    expect(await events.getCurrentVersion('s-7', 'stock')).toBe(1);
    await app.close();
  });

  it('repeats safely', async () => {
    const { app, events } = await start();
    const requestId = 'request-1';
    const payment = { amount: 12 };
    const publish = async () => {
      // #region idempotency
      const result = await events.publishEvent('payment.received', payment, {
        aggregateId: 'o-1',
        aggregateType: 'order',
        idempotencyKey: requestId,
      });
      if (result.repeated) return 'already done';
      // #endregion
      return 'done';
    };
    expect([await publish(), await publish()]).toEqual(['done', 'already done']);
    expect(await events.getCurrentVersion('o-1', 'order')).toBe(1);
    await app.close();
  });
});
