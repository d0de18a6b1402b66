// The snippets of docs/guides/subscribing.md: each region stands there word for word.
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { createInMemoryStore, whenIdle } from '@annals/testing';
import { type EventStore, EventsModule, EventsService, EventsTransport, type RecordedEvent } from '../index.ts';

const sent: string[] = [];
const indexed: string[] = [];

async function sendMail(to: string, { signal }: { signal: AbortSignal }): Promise<void> {
  signal.throwIfAborted();
  sent.push(to);
}

// #region pattern
import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { EventContext, type EventHandlerExtras } from '../index.ts';

@Controller()
export class WelcomeController {
  @EventPattern(['user.created', 'user.invited'], { from: 'now', concurrency: 4 } satisfies EventHandlerExtras)
  async welcome(@Payload() user: { email: string }, @Ctx() { signal }: EventContext): Promise<void> {
    await sendMail(user.email, { signal });
  }
}
// #endregion

async function withUsers(): Promise<EventStore> {
  const store = createInMemoryStore();
  for (const id of ['ada', 'bob']) {
    const user = { type: 'user', id };
    await store.append(user, { type: 'user.created', data: { email: `${id}@example.com` } });
    await store.append(user, { type: 'user.renamed', data: { name: id.toUpperCase() } });
  }
  return store;
}

afterEach(() => {
  sent.length = 0;
  indexed.length = 0;
});

describe('docs/guides/subscribing.md', () => {
  it('subscribes', async () => {
    const store = await withUsers();
    // #region subscribe
    const active = await store.subscriptions.subscribe(
      { name: 'welcome-mail', filter: { eventTypes: ['user.created'] } },
      async (event, { signal }) => {
        const { email } = event.data as { email: string };
        await sendMail(email, { signal });
      },
    );
    // #endregion
    await whenIdle(store, 'welcome-mail');
    expect(sent).toEqual(['ada@example.com', 'bob@example.com']);

    // #region stop
    await active.stop({ timeoutMs: 20_000 });
    await store.close(); // would have stopped it, too, within 10 seconds
    // #endregion
    await active.finished;
    expect(active.state).toBe('stopped');
  });

  it('keeps the order of aggregates', async () => {
    const store = await withUsers();
    const index = async (event: RecordedEvent) => void indexed.push(`${event.aggregateId} ${event.version}`);
    // #region ordered
    await store.subscriptions.subscribe(
      { name: 'search-index', filter: { aggregateType: 'user' }, mode: 'ordered', concurrency: 32 },
      (event) => index(event),
    );
    // #endregion
    await whenIdle(store, 'search-index');
    expect([...indexed].sort()).toEqual(['ada 1', 'ada 2', 'bob 1', 'bob 2']);
    expect(indexed.indexOf('ada 1')).toBeLessThan(indexed.indexOf('ada 2'));
  });

  it('begins where it is told to', async () => {
    const store = await withUsers();
    const numbers: number[] = [];
    const handler = () => void numbers.push(1);
    const { position } = (await store.head({ type: 'user', id: 'ada' }))!;
    // #region from
    await store.subscriptions.subscribe({ name: 'reports', from: 'now' }, handler);
    await store.subscriptions.subscribe({ name: 'audit', from: { after: position } }, handler);
    await store.subscriptions.subscribe({ name: 'sales', from: { recordedFrom: '2025-01-01T00:00:00Z' } }, handler);
    // #endregion
    await Promise.all(['reports', 'audit', 'sales'].map((name) => whenIdle(store, name)));
    expect(numbers).toHaveLength(2 + 4);
  });

  it('handles each event once in effect', async () => {
    const store = await withUsers();
    const rows = new Map<string, number>();
    const table = {
      positionOf: async (id: string) => rows.get(id) ?? 0,
      write: async (id: string, _data: unknown, sequence: number) => void rows.set(id, sequence),
    };
    // #region idempotent
    await store.subscriptions.subscribe({ name: 'user-table', mode: 'ordered' }, async (event, { position }) => {
      const id = event.aggregateId!;
      if (position.sequence <= (await table.positionOf(id))) return; // was here before
      await table.write(id, event.data, position.sequence); // in one transaction with the position
    });

    const created = { eventTypes: ['user.created'] };
    await store.subscriptions.subscribe({ name: 'greetings', filter: created }, async (event) => {
      const greeting = { type: 'greeting', id: event.aggregateId! };
      // A message id that follows from the event's: appended again it is the same event.
      const messageId = `greeted-${event.messageId}`;
      await store.append(greeting, { type: 'greeting.sent', data: {}, messageId });
    });
    // #endregion
    await whenIdle(store, 'user-table');
    await whenIdle(store, 'greetings');
    await store.subscriptions.rewind('greetings', 'beginning');
    await whenIdle(store, 'greetings');
    expect(await store.count({ eventTypes: ['greeting.sent'] })).toBe(2);
    expect(rows.get('bob')).toBeGreaterThan(0);
  });

  it('takes its time', async () => {
    const store = await withUsers();
    const parts = ['a', 'b'];
    const exportPart = async (part: string, _signal: AbortSignal) => void indexed.push(part);
    // #region time
    await store.subscriptions.subscribe(
      { name: 'exports', filter: { eventTypes: ['user.renamed'] }, handlerTimeoutMs: 30_000 },
      async (_event, { signal, extend }) => {
        for (const part of parts) {
          await exportPart(part, signal); // ends when the signal is aborted
          extend(); // 30 seconds for the next one
        }
      },
    );
    // #endregion
    await whenIdle(store, 'exports');
    expect(indexed).toHaveLength(4);
  });

  it('subscribes in a Nest service', async () => {
    const store = createInMemoryStore();
    const testing = await Test.createTestingModule({
      imports: [EventsModule.forRoot({ store, serviceName: 'users' })],
      controllers: [WelcomeController],
    }).compile();
    const app = testing.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false });
    app.connectMicroservice({ strategy: app.get(EventsTransport) });
    await app.startAllMicroservices();
    await app.init();
    const events = app.get(EventsService);
    const seen: string[] = [];

    // #region service
    await events.subscribeToEvents(
      'user.*',
      (event) => {
        seen.push(event.type);
      },
      { name: 'users.activity', mode: 'ordered' },
    );
    // #endregion

    await events.publishEvent(
      'user.created',
      { email: 'ada@example.com' },
      { aggregateType: 'user', aggregateId: 'ada' },
    );
    await whenIdle(store, 'users.activity');
    await whenIdle(store, 'users.WelcomeController.welcome');
    expect([seen, sent]).toEqual([['user.created'], ['ada@example.com']]);
    await app.close();
  });

  it('is looked after', async () => {
    const store = await withUsers();
    // #region operate
    const { subscriptions } = store;
    await subscriptions.create({ name: 'reports', filter: { eventTypes: ['user.*'] } });

    const { state, pending, ackPending, deadLetters } = await subscriptions.get('reports');
    await subscriptions.pause('reports');
    await subscriptions.resume('reports');

    const to = { recordedFrom: '2025-01-01T00:00:00Z' };
    const { events, again, skipped } = await subscriptions.previewRewind('reports', to);
    await subscriptions.rewind('reports', to);

    await subscriptions.delete('reports');
    // #endregion
    expect({ state, pending, ackPending, deadLetters }).toEqual({
      state: 'catching-up',
      pending: 4,
      ackPending: 0,
      deadLetters: 0,
    });
    expect({ events, again, skipped }).toEqual({ events: 4, again: 0, skipped: 0 });
    expect(await subscriptions.list()).toEqual([]);
  });
});
