// The snippets of docs/guides/replaying.md: each region stands there word for word.
import { type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInMemoryStore, eventually } from '@annals/testing';
import { EventsService, type IEventsService, fileReplays, webhookReplays } from '../index.ts';
import { resolveServiceOptions } from '../options/service-options.ts';

// #region drive
import { EventsModule } from '../index.ts';

export const eventsModule = EventsModule.forRoot({
  replays: {
    drive: true,
    sinks: {
      webhook: webhookReplays({ secret: process.env.WEBHOOK_SECRET }),
      file: fileReplays({ directory: '/var/lib/orders/replays' }),
    },
  },
});
// #endregion

// #region verify
import { createServer } from 'node:http';
import { isWebhookGenuine } from '../index.ts';

const done = new Set<string>();

export const receiver = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const signature = request.headers['annals-signature'] as string | undefined;
  if (!isWebhookGenuine({ secret: process.env.WEBHOOK_SECRET!, signature, body })) {
    response.writeHead(401).end();
    return;
  }
  const key = request.headers['idempotency-key'] as string;
  if (!done.has(key)) apply(JSON.parse(body.toString()));
  done.add(key);
  response.writeHead(204).end();
});
// #endregion

const applied: { type: string }[] = [];
function apply(event: { type: string }): void {
  applied.push(event);
}

const WEBHOOK_SECRET = 'a secret that only we know';
let directory: string;

beforeAll(async () => {
  process.env.WEBHOOK_SECRET = WEBHOOK_SECRET;
  directory = await mkdtemp(join(tmpdir(), 'annals-guide-'));
});

afterAll(async () => {
  delete process.env.WEBHOOK_SECRET;
  await rm(directory, { recursive: true });
});

async function withOrders(): Promise<{ events: IEventsService; published: string[] }> {
  const published: string[] = [];
  const store = createInMemoryStore({
    replaySinks: {
      webhook: webhookReplays({ secret: WEBHOOK_SECRET, allowedHosts: ['127.0.0.1'] }),
      file: fileReplays({ directory }),
    },
    onPublish: (subject) => published.push(subject),
  });
  const events = new EventsService(store, resolveServiceOptions({}));
  const order = { aggregateId: 'o-1', aggregateType: 'order' };
  await events.publishEvents(
    ['order.placed', 'order.paid', 'order.shipped'].map((type) => ({ ...order, type, data: {} })),
  );
  return { events, published };
}

function listening(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`));
  });
}

describe('docs/guides/replaying.md', () => {
  it('hands events to a subscription again', async () => {
    const { events } = await withOrders();
    const again: string[] = [];
    await events.subscribeToEvents('order.*', () => undefined, { name: 'warehouse' });
    const count = (type: string) => again.push(type);
    // #region subscription
    const job = await events.startReplay({
      filter: { aggregateType: 'order', eventTypes: ['order.placed', 'order.shipped'] },
      target: { type: 'subscription', name: 'warehouse' },
      ratePerSecond: 100,
    });
    // #endregion
    count(job.state);
    await eventually(async () => (await events.getReplay(job.id)).state === 'completed');
    expect(await events.getReplay(job.id)).toMatchObject({ total: 2, delivered: 2 });
    expect(again).toEqual(['pending']);
  });

  it('knows a replay in a handler', async () => {
    const { events } = await withOrders();
    const mails: string[] = [];
    const sendMail = (type: string) => mails.push(type);
    const stock: string[] = [];
    const updateStock = (type: string) => stock.push(type);
    // #region handler
    await events.subscribeToEvents(
      'order.*',
      (event, context) => {
        updateStock(event.type);
        // What others see happens once, however often the event comes.
        if (context.cause !== 'replay') sendMail(event.type);
      },
      { name: 'warehouse' },
    );
    // #endregion
    await eventually(() => stock.length === 3);
    await events.startReplay({ target: { type: 'subscription', name: 'warehouse' } });
    await eventually(() => stock.length === 6);
    expect(mails.length).toBe(3);
  });

  it('looks before it leaps', async () => {
    const { events, published } = await withOrders();
    const wait = (id: string) => eventually(async () => (await events.getReplay(id)).state === 'completed');
    // #region dry-run
    const request = {
      filter: { eventTypes: ['order.*'], fromTimestamp: '2024-01-01T00:00:00Z' },
      target: { type: 'subject', subject: 'orders.replayed' },
    } as const;
    const { id } = await events.startReplay({ ...request, dryRun: true });
    // #endregion
    await wait(id);
    // #region look
    const { state, total, sample } = await events.getReplay(id);
    // #endregion
    expect([state, total, sample?.length, published.length]).toEqual(['completed', 3, 3, 0]);
  });

  it('steers a replay and sums it up', async () => {
    const { events } = await withOrders();
    const { id } = await events.startReplay({
      target: { type: 'subject', subject: 'orders.replayed' },
      ratePerSecond: 0.01,
    });
    // #region steer
    await events.pauseReplay(id);
    await events.resumeReplay(id);
    await events.cancelReplay(id);
    // #endregion
    // #region summary
    const { eventCount, successCount, failureCount, inProgress } = replaySummary(await events.getReplay(id));
    // #endregion
    expect([eventCount >= 0, successCount <= 1, failureCount, inProgress]).toEqual([true, true, 0, false]);
  });

  it('verifies webhooks', async () => {
    const { events } = await withOrders();
    const url = await listening(receiver);
    const { id } = await events.startReplay({ target: { type: 'webhook', url } });
    await eventually(async () => (await events.getReplay(id)).state === 'completed');
    expect(applied.map(({ type }) => type)).toEqual(['order.placed', 'order.paid', 'order.shipped']);
    expect((await fetch(url, { method: 'POST', body: '{}' })).status).toBe(401);
    receiver.closeAllConnections();
    receiver.close();
  });

  it('writes files', async () => {
    const { events } = await withOrders();
    const { id } = await events.startReplay({ target: { type: 'file', name: 'orders.ndjson' } });
    const job = await eventually(async () => {
      const found = await events.getReplay(id);
      return found.state === 'completed' && found;
    });
    expect((await readFile(job.file!.path, 'utf8')).split('\n').length).toBe(4);
  });
});

import { replaySummary } from '../index.ts';
