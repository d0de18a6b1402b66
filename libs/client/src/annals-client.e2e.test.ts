import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type TestNatsServer, eventually, startNatsServer } from '@annals/testing';
import { AnnalsClient, isProblemError } from './index.ts';

const GATEWAY = fileURLToPath(new URL('../../../apps/gateway/dist/main.js', import.meta.url));
const GUIDE = new URL('../../../docs/guides/using-the-http-api.md', import.meta.url);
const TIME_TRAVEL = new URL('../../../docs/guides/time-travel.md', import.meta.url);

describe('the client with a real gateway', () => {
  let server: TestNatsServer;
  let gateway: ChildProcess;
  let client: AnnalsClient;
  let url = '';

  beforeAll(async () => {
    server = await startNatsServer();
    const { PATH } = process.env;
    gateway = spawn(process.execPath, [GATEWAY], { env: { PATH, PORT: '0', NATS_URL: server.url } });
    let output = '';
    for (const stream of [gateway.stdout!, gateway.stderr!]) {
      stream.on('data', (text: Buffer) => (output += text.toString()));
    }
    url = await eventually(() => /"url":"([^"]+)"/.exec(output)?.[1], { deadlineMs: 30_000 });
    await eventually(async () => (await fetch(`${url}/health/ready`)).ok);
    client = new AnnalsClient({ baseUrl: url });
  });

  afterAll(async () => {
    gateway?.kill('SIGTERM');
    await Promise.all([gateway?.exitCode === null && once(gateway, 'exit'), server?.stop()]);
  });

  const user = { type: 'user.created', data: { name: 'Ada' }, aggregateType: 'user', aggregateId: 'u/1 ü' };
  const collect = async <Item>(items: AsyncIterable<Item>): Promise<Item[]> => {
    const found: Item[] = [];
    for await (const item of items) found.push(item);
    return found;
  };

  it('appends, and tells a repetition from the first time', async () => {
    const first = await client.append(user, { ifNoneMatch: '*', idempotencyKey: 'k1' });
    expect(first).toMatchObject({ repeated: false, events: [{ version: 1, aggregateId: user.aggregateId }] });
    const again = await client.append(user, { ifNoneMatch: '*', idempotencyKey: 'k1' });
    expect(again).toEqual({ ...first, repeated: true });
    const more = await client.append([user, { ...user, data: { name: 'Bea' } }], { ifMatch: 1 });
    expect(more.events.map(({ version }) => version)).toEqual([2, 3]);
  });

  it('reads what it appended, in every way', async () => {
    const { aggregateId, aggregateType } = user;
    const history = await client.history({ aggregateId, aggregateType, eventTypes: ['user.created', 'other'] });
    expect(history).toMatchObject({ totalEvents: 3, nextCursor: null });
    const replay = await client.replay({ fromVersion: 2, order: 'desc' });
    expect(replay.events.map(({ version }) => version)).toEqual([3, 2]);
    expect((await client.replayByBody({ streamId: aggregateId, toVersion: 1 })).events).toHaveLength(1);
    expect(await client.aggregate({ aggregateId })).toMatchObject({ version: 3, aggregateType });
    expect(await client.aggregateIfNewer({ aggregateId }, 3)).toBeUndefined();
    expect(await client.aggregateIfNewer({ aggregateId }, 2)).toMatchObject({ version: 3 });
    expect(await client.stats()).toMatchObject({ totalEvents: 3, uniqueAggregates: 1 });
    const state = await client.reconstruct<{ name: string }>(aggregateId, { type: 'user', toVersion: 2 });
    expect(state).toMatchObject({ version: 2, state: { name: 'Ada' } });
    const pages = await collect(client.historyPages({ aggregateId, limit: 1 }));
    expect(pages.map((page) => page.events[0]?.version)).toEqual([1, 2, 3]);
    for (const stream of [
      client.streamHistory({ aggregateId }),
      client.streamReplay({ aggregateType }),
      client.streamAggregate({ aggregateId }),
    ]) {
      expect((await collect(stream)).map(({ version }) => version)).toEqual([1, 2, 3]);
    }
  });

  it('keeps tenants apart', async () => {
    const acme = new AnnalsClient({ baseUrl: url, tenantId: 'acme' });
    await acme.append(user);
    expect(await acme.stats()).toMatchObject({ totalEvents: 1 });
    expect((await acme.replayByBody({})).totalEvents).toBe(1);
    expect(await acme.aggregate({ aggregateId: user.aggregateId })).toMatchObject({ version: 1 });
  });

  it('looks after subscriptions, dead letters and replays', async () => {
    const { subscriptions, deadLetters, replays } = client;
    const made = await subscriptions.create({ name: 'e2e', filter: { eventTypes: ['user.*'] } });
    expect(made).toMatchObject({ name: 'e2e', state: expect.any(String) });
    expect((await subscriptions.pause('e2e')).state).toBe('paused');
    await subscriptions.resume('e2e');
    expect(await subscriptions.previewRewind('e2e', 'now')).toMatchObject({ preview: true, again: 0 });
    expect(await subscriptions.rewind('e2e', 'beginning')).toMatchObject({ preview: false, subscription: 'e2e' });
    expect((await subscriptions.list()).subscriptions.map(({ name }) => name)).toContain('e2e');

    const started = await replays.start({ aggregateType: 'user', target: { subscription: 'e2e' }, dryRun: true });
    const finished = await eventually(async () => {
      const job = await replays.get(started.id);
      return job.inProgress ? undefined : job;
    });
    expect(finished).toMatchObject({ state: 'completed', dryRun: true, sample: expect.any(Array) });
    expect(finished.eventCount).toBeGreaterThan(0);
    expect((await replays.list({ state: 'completed' })).replays.map(({ id }) => id)).toContain(started.id);
    await expect(replays.cancel(started.id)).rejects.toMatchObject({ code: 'replay-finished' });

    expect(await deadLetters.list({ subscription: 'e2e' })).toEqual({ deadLetters: [], nextCursor: null });
    expect(await collect(deadLetters.stream())).toEqual([]);
    expect(await deadLetters.redrive({ subscription: 'e2e' })).toEqual({ matched: 0, redriven: 0, orphaned: 0 });
    expect(await deadLetters.purge({ all: true })).toEqual({ purged: 0 });
    await expect(deadLetters.get('e2e/EVENTS/1')).rejects.toMatchObject({ code: 'dead-letter-not-found' });

    await subscriptions.delete('e2e');
    await expect(subscriptions.get('e2e')).rejects.toMatchObject({ code: 'subscription-not-found' });
  });

  it('throws the problems that the gateway answers with', async () => {
    await expect(client.aggregate({ aggregateId: 'nobody' })).rejects.toMatchObject({ code: 'aggregate-not-found' });
    await expect(client.append({ ...user, expectedVersion: 7 })).rejects.toMatchObject({
      code: 'concurrency-conflict',
      problem: { expectedVersion: 7, actualVersion: 3 },
    });
    await expect(client.history({ limit: 0 })).rejects.toMatchObject({ code: 'validation-failed', status: 400 });
    await expect(collect(client.streamReplay({ order: 'up' as 'asc' }))).rejects.toMatchObject({ status: 400 });
  });

  it('asks for states, what changed, projections, snapshots and schema versions', async () => {
    const { aggregateId } = user;
    expect(await client.state({ aggregateId, atVersion: 1 })).toMatchObject({ version: 1, state: { name: 'Ada' } });
    const { patch } = await client.diff({ aggregateId, from: 1, to: 3 });
    expect(patch).toEqual([{ op: 'replace', path: '/name', value: 'Bea' }]);
    expect(await client.schemaVersions()).toMatchObject({ complete: true, versions: [{ eventType: 'user.created' }] });
    expect(await client.projections.list()).toEqual({ projections: [], nextCursor: null });
    await expect(client.projections.pause('none')).rejects.toMatchObject({ code: 'projection-not-found' });
    expect(await client.snapshots.list()).toEqual({ snapshots: [], nextCursor: null });
    await expect(client.snapshots.take({ type: 'user', id: aggregateId })).rejects.toMatchObject({
      code: 'no-reducer',
    });
  });

  it('does what docs/guides/time-travel.md shows', async () => {
    const log: unknown[][] = [];
    const console = { log: (...parts: unknown[]) => void log.push(parts) };
    const ada = {
      aggregateType: 'user',
      aggregateId: 'user-123',
      userId: 'clerk-456',
      timestamp: '2024-01-01T10:00:00Z',
    };
    await client.append([
      { ...ada, type: 'user.created', data: { city: 'London' } },
      { ...ada, type: 'user.moved', data: { city: 'Bern' } },
    ]);
    {
      // #region time-travel
      const client = new AnnalsClient({ baseUrl: url });

      const { state } = await client.state<{ city: string }>({ aggregateId: 'user-123', atVersion: 1 });
      console.log(`Ada began in ${state.city}.`);

      const { changes } = await client.diff({ aggregateId: 'user-123', from: 1 });
      for (const { timestamp, userId, type, patch } of changes) console.log(timestamp, userId, type, patch);
      // #endregion
    }
    expect(log).toEqual([
      ['Ada began in London.'],
      [ada.timestamp, 'clerk-456', 'user.moved', [{ op: 'replace', path: '/city', value: 'Bern' }]],
    ]);
    const source = readFileSync(new URL(import.meta.url), 'utf8');
    const [, code] = /\/\/ #region time-travel\n([^]*?)\n *\/\/ #endregion/.exec(source)!;
    const shown = code!.replaceAll(/^ {6}/gm, '').replace('baseUrl: url', "baseUrl: 'http://127.0.0.1:3000'");
    expect(readFileSync(TIME_TRAVEL, 'utf8')).toContain(
      `\`\`\`ts\nimport { AnnalsClient } from '@annals/client';\n\n${shown}\n\`\`\``,
    );
  });

  it('does what docs/guides/using-the-http-api.md shows', async () => {
    const log: unknown[][] = [];
    const console = { log: (...parts: unknown[]) => void log.push(parts) };
    // #region guide
    const client = new AnnalsClient({ baseUrl: url });

    await client.append(
      { type: 'user.created', aggregateType: 'user', aggregateId: 'guide-3', data: { name: 'Grace' } },
      { idempotencyKey: 'sign-up-3' },
    );

    try {
      await client.append(
        { type: 'user.updated', aggregateType: 'user', aggregateId: 'guide-3', data: { name: 'Grace Hopper' } },
        { ifMatch: 7 },
      );
    } catch (error) {
      if (!isProblemError(error, 'precondition-failed')) throw error;
      console.log(`The user is at version ${error.problem.actualVersion}.`);
    }

    for await (const event of client.streamHistory({ aggregateType: 'user' })) console.log(event.version, event.type);
    // #endregion
    expect(log[0]).toEqual(['The user is at version 1.']);
    expect(log.at(-1)).toEqual([1, 'user.created']);
    const source = readFileSync(new URL(import.meta.url), 'utf8');
    const [, code] = /\/\/ #region guide\n([^]*?)\n *\/\/ #endregion/.exec(source)!;
    const shown = code!.replaceAll(/^ {4}/gm, '').replace('baseUrl: url', "baseUrl: 'http://127.0.0.1:3000'");
    expect(readFileSync(GUIDE, 'utf8')).toContain(
      `\`\`\`ts\nimport { AnnalsClient, isProblemError } from '@annals/client';\n\n${shown}\n\`\`\``,
    );
  });
});
