import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EventBody } from '@annals/contract';
import type { EventStore } from '@annals/core';
import { fileReplays } from '@annals/events';
import { createInMemoryStore, eventually } from '@annals/testing';
import { type InMemoryGateway, eventsOf, startInMemoryGateway } from '../bootstrap/in-memory-gateway.spec-support.ts';
import { SocketReader } from '../live/socket-reader.spec-support.ts';
import { SseReader } from '../live/sse-reader.spec-support.ts';
import { loadStateModule } from '../state/load-state-module.ts';

const STATE_MODULE = fileURLToPath(new URL('../state/accounts.spec-support.ts', import.meta.url));

/** What the gateway shows of an event here: its version, which part it is, and its data. */
const shown = ({ version, part, data }: EventBody) => [version, part?.index, data];

const opened = [1, undefined, { owner: 'Ada' }];
const paid = [2, 1, { cents: 300 }];
const fee = [2, 2, { cents: -100 }];
const last = [4, undefined, { cents: 500 }];
const today = [opened, paid, fee, last];

describe('stored events of old schema versions come out as they are today', () => {
  let directory: string;
  let store: EventStore;
  let gateway: InMemoryGateway;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'annals-upcast-'));
    const { registry } = await loadStateModule(STATE_MODULE);
    store = createInMemoryStore({
      replayRegistry: registry,
      replaySinks: { file: fileReplays({ directory }) },
    });
    gateway = await startInMemoryGateway({ store, env: { STATE_MODULE } });
    await store.append({ type: 'account', id: 'a1' }, [
      { type: 'account.opened', data: { name: 'Ada' } },
      { type: 'account.paid', data: { francs: 3, fee: 1 } },
      { type: 'account.paid', data: { francs: 0 } },
      { type: 'account.paid', data: { francs: 5 } },
    ]);
  });

  afterAll(async () => {
    await gateway.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const lists = ['history?aggregateId=a1', 'history?aggregateType=account', 'replay', 'aggregate?aggregateId=a1'];

  it.each(lists)('from %s, counted as they are stored', async (path) => {
    const answer = await gateway.get(`/events/${path}`);
    expect(eventsOf(answer).map(shown)).toEqual(today);
    const { totalEvents, version } = answer.body as { totalEvents?: number; version?: number };
    expect(totalEvents ?? version).toBe(4);
  });

  it.each(lists)('from %s page by page, with nothing lost, doubled or torn', async (path) => {
    for (const limit of [1, 2, 3]) {
      const seen: unknown[] = [];
      const sizes: number[] = [];
      let cursor: string | null = '';
      do {
        const more: string = cursor === '' ? '' : `&cursor=${cursor}`;
        const answer = await gateway.get(`/events/${path}${path.includes('?') ? '&' : '?'}limit=${limit}${more}`);
        seen.push(...eventsOf(answer).map(shown));
        sizes.push(eventsOf(answer).length);
        cursor = (answer.body as { nextCursor: string | null }).nextCursor;
      } while (cursor !== null);
      expect(seen).toEqual(today);
      expect(sizes).toEqual({ 1: [1, 2, 0, 1], 2: [3, 1], 3: [3, 1] }[limit]);
    }
  });

  it.each(lists)('from %s as NDJSON', async (path) => {
    const { text } = await gateway.get(`/events/${path}`, { accept: 'application/x-ndjson' });
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as EventBody);
    expect(lines.map(shown)).toEqual(today);
  });

  it('backwards, with the parts in their order', async () => {
    const answer = await gateway.get('/events/history?aggregateId=a1&order=desc&limit=3');
    expect(eventsOf(answer).map(shown)).toEqual([last, paid, fee]);
  });

  it('as server-sent events, the cursor with the last of what became of one', async () => {
    const reader = await SseReader.open(`${gateway.url}/events/live?from=beginning&aggregateType=account`);
    try {
      await eventually(() => reader.messages.some(({ event }) => event === 'caught-up'));
      const messages = reader.messages.filter(({ event }) => event === 'message');
      expect(messages.map(({ data }) => shown(JSON.parse(data) as EventBody))).toEqual(today);
      expect(messages.map(({ id }) => id)).toEqual(['EVENTS:1', undefined, 'EVENTS:2', 'EVENTS:4']);
    } finally {
      reader.close();
    }
  });

  it('over a WebSocket, those that are stored from now on too', async () => {
    const reader = await SocketReader.open(`${gateway.url}/events/ws`);
    try {
      await reader.subscribed({ id: 'old', from: 'beginning', filter: { aggregateId: 'a1' } });
      await eventually(() => reader.of('event', 'old').length === 4);
      expect(reader.of('event', 'old').map(({ event, cursor }) => [cursor, ...shown(event)])).toEqual([
        ['EVENTS:1', ...opened],
        [undefined, ...paid],
        ['EVENTS:2', ...fee],
        ['EVENTS:4', ...last],
      ]);
      await reader.subscribed({ id: 'new', filter: { aggregateId: 'a2' } });
      await store.append({ type: 'account', id: 'a2' }, [
        { type: 'account.paid', data: { francs: 3, fee: 1 } },
        { type: 'account.paid', data: { francs: 0 } },
        { type: 'account.opened', data: { name: 'Bob' } },
      ]);
      await eventually(() => reader.of('event', 'new').length === 3);
      expect(reader.of('event', 'new').map(({ event }) => shown(event))).toEqual([
        [1, 1, { cents: 300 }],
        [1, 2, { cents: -100 }],
        [3, undefined, { owner: 'Bob' }],
      ]);
    } finally {
      reader.close();
    }
  });

  it('in dead letters', async () => {
    const active = await store.subscriptions.subscribe(
      { name: 'refuser', filter: { eventTypes: ['account.opened'] } },
      (_, context) => context.deadLetter('no'),
    );
    try {
      await eventually(async () => (await store.deadLetters.count({ subscription: 'refuser' })) > 0);
      const { body } = await gateway.get('/events/dead-letters?subscription=refuser&aggregateId=a1');
      expect(body).toMatchObject({ deadLetters: [{ event: { data: { owner: 'Ada' }, schemaVersion: 2 } }] });
    } finally {
      await active.stop();
    }
  });

  it('in replays', async () => {
    const target = { file: 'replayed.ndjson' };
    const { body } = await gateway.post('/events/replay', { aggregateId: 'a1', target });
    const { id } = body as { id: string };
    const job = async () => (await gateway.get(`/events/replays/${id}`)).body as { state: string };
    await eventually(async () => (await job()).state === 'completed');
    const lines = (await readFile(join(directory, 'replayed.ndjson'), 'utf8')).trimEnd().split('\n');
    const data = lines.map((line) => (JSON.parse(line) as EventBody).data);
    expect(data).toEqual(today.map(([, , of]) => of));
  });

  it('or not at all where one cannot be migrated: the problem names it', async () => {
    const broken = createInMemoryStore();
    const hasty = await startInMemoryGateway({ store: broken, env: { STATE_MODULE } });
    try {
      await broken.append({ type: 'account', id: 'b1' }, { type: 'account.paid', data: null });
      for (const path of ['history', 'aggregate?aggregateId=b1', 'aggregate/state?aggregateId=b1']) {
        expect(await hasty.get(`/events/${path}`)).toMatchObject({
          status: 500,
          body: {
            code: 'upcast-failed',
            eventType: 'account.paid',
            schemaVersion: 1,
            version: 1,
            position: { stream: 'EVENTS', sequence: 1 },
          },
        });
      }
      const live = await SseReader.open(`${hasty.url}/events/live?from=beginning`);
      await eventually(() => live.ended);
      expect(JSON.parse(live.named('problem')!.data)).toMatchObject({ code: 'upcast-failed', version: 1 });
    } finally {
      await hasty.stop();
    }
  });

  it('and what is appended through the gateway is checked and stored as it is today', async () => {
    const event = { aggregateType: 'account', aggregateId: 'a3', type: 'account.opened', data: { owner: 'Eve' } };
    expect((await gateway.post('/events', event)).status).toBe(201);
    const [stored] = (await store.load({ type: 'account', id: 'a3' })).events;
    expect(stored).toMatchObject({ schemaVersion: 2, data: { owner: 'Eve' } });
    expect(await gateway.post('/events', { ...event, schemaVersion: 1 })).toMatchObject({ status: 400 });
  });
});
