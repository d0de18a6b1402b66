import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DiffResponse, HistoryResponse, SnapshotBody, StateResponse } from '@annals/contract';
import type { EventStore } from '@annals/core';
import { openJetStreamStore } from '@annals/events';
import { type TestNatsServer, eventually, startNatsServer } from '@annals/testing';
import { type BuiltGateway, post, startBuiltGateway, untilReady } from '../bootstrap/built-gateway.spec-support.ts';
import { SseReader } from '../live/sse-reader.spec-support.ts';

const COMMAND = fileURLToPath(new URL('../../dist/schema-versions.js', import.meta.url));

const MODULE = `
export const aggregates = {
  account: {
    initialState: { owner: '', balance: 0 },
    stateVersion: 4,
    snapshots: true,
    reducer: (state, { type, data }) =>
      type === 'account.opened' ? { ...state, owner: data.owner } : { ...state, balance: state.balance + data.cents },
  },
};
export const registry = {
  'account.opened': { version: 2, migrations: { 1: { rename: { name: 'owner' } } } },
  'account.paid': { version: 2, migrations: { 1: ({ francs }) => ({ cents: francs * 100 }) } },
};`;

describe('the built gateway with a state module, on a real nats-server', () => {
  let server: TestNatsServer;
  let directory: string;
  let path: string;
  let service: EventStore;
  let gateway: BuiltGateway;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'annals-module-'));
    path = join(directory, 'state.mjs');
    [server] = await Promise.all([startNatsServer(), writeFile(path, MODULE)]);
    service = await openJetStreamStore({ servers: server.url });
    await service.append({ type: 'account', id: 'a1' }, [
      { type: 'account.opened', data: { name: 'Ada' }, userId: 'teller' },
      { type: 'account.paid', data: { francs: 3 } },
      { type: 'account.paid', data: { cents: 50 }, schemaVersion: 2 },
    ]);
    gateway = await startBuiltGateway({ NATS_URL: server.url, STATE_MODULE: path, REPLAY_FILE_DIRECTORY: directory });
    await untilReady(gateway);
  }, 60_000);

  afterAll(async () => {
    await gateway?.stop();
    await service?.close();
    await server?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const get = async <Body>(route: string): Promise<Body> =>
    (await (await fetch(`${gateway.url}/events/${route}`)).json()) as Body;

  const command = (...args: string[]): Promise<{ code: number; out: string; err: string }> =>
    new Promise((resolve) => {
      const { PATH } = process.env;
      const env = { PATH, NATS_URL: server.url };
      execFile(process.execPath, [COMMAND, ...args], { env }, (error, out, err) =>
        resolve({ code: error ? Number(error.code) : 0, out, err }),
      );
    });

  it('folds states and diffs of old events by the module', async () => {
    expect(await get<StateResponse>('aggregate/state?aggregateId=a1')).toMatchObject({
      version: 3,
      state: { owner: 'Ada', balance: 350 },
      reducer: 'module',
    });
    const { changes } = await get<DiffResponse>('aggregate/diff?aggregateId=a1&from=0&to=2');
    expect(changes).toMatchObject([
      { userId: 'teller', patch: [{ path: '/owner', value: 'Ada' }] },
      { patch: [{ path: '/balance', value: 300 }] },
    ]);
  });

  it('sends events as they are today, in lists, live and in replays', async () => {
    const { events } = await get<HistoryResponse>('history?aggregateId=a1');
    expect(events.map(({ data }) => data)).toEqual([{ owner: 'Ada' }, { cents: 300 }, { cents: 50 }]);
    const live = await SseReader.open(`${gateway.url}/events/live?from=beginning&aggregateId=a1`);
    try {
      await live.until(3);
      expect(live.events.map(({ data }) => data)).toEqual([{ owner: 'Ada' }, { cents: 300 }, { cents: 50 }]);
    } finally {
      live.close();
    }
    const connected = await (await post(`${gateway.url}/events/replay`, { target: { file: 'all.ndjson' } })).json();
    const { id } = connected as { id: string };
    await eventually(async () => (await get<{ state: string }>(`replays/${id}`)).state === 'completed');
    expect(await readFile(join(directory, 'all.ndjson'), 'utf8')).toContain('"data":{"cents":300}');
  });

  it('takes snapshots, and begins with them', async () => {
    const taken = await post(`${gateway.url}/events/snapshots/account/a1`, {});
    expect(taken.status).toBe(201);
    expect((await taken.json()) as SnapshotBody).toMatchObject({ version: 3, stateVersion: 4 });
    await service.append({ type: 'account', id: 'a1' }, { type: 'account.paid', data: { francs: 1 } });
    expect(await get<StateResponse>('aggregate/state?aggregateId=a1')).toMatchObject({
      version: 4,
      state: { owner: 'Ada', balance: 450 },
      snapshotVersion: 3,
    });
    expect(await get('snapshots')).toMatchObject({ snapshots: [{ aggregateId: 'a1', version: 3 }] });
  });

  it('has what is stored audited by a command, which fails where something has no way', async () => {
    const forgetful = join(directory, 'forgetful.mjs');
    await writeFile(forgetful, `export const registry = { 'account.paid': { version: 2, oldestVersion: 2 } };`);
    const [whole, lacking, missing, misspelt, help] = await Promise.all([
      command('--module', path),
      command('--module', forgetful, '--json'),
      command('--module', join(directory, 'none.mjs')),
      command('--nonsense'),
      command('--help'),
    ]);
    expect(whole).toMatchObject({ code: 0, err: '' });
    expect(whole.out).toMatch(/^account\.paid +1 +2 +migrates +2 /m);
    expect(whole.out).toContain('All of the 4 stored events can be read.');
    expect(lacking.code).toBe(1);
    expect(JSON.parse(lacking.out)).toMatchObject({
      complete: false,
      versions: [{ way: 'current' }, { schemaVersion: 1, way: 'no-way' }, { schemaVersion: 2, way: 'current' }],
    });
    expect(missing).toMatchObject({ code: 2, out: '', err: expect.stringContaining('does not exist') });
    expect(misspelt).toMatchObject({ code: 2, err: expect.stringContaining('Usage:') });
    expect(help).toMatchObject({ code: 0, out: expect.stringContaining('Usage:') });
  }, 60_000);

  it('does not start with a module that is wrong, and says all that is', async () => {
    const wrong = join(directory, 'wrong.mjs');
    await writeFile(wrong, `export const aggregates = { a: {}, b: 5 };`);
    const refused = await startBuiltGateway({ NATS_URL: server.url, STATE_MODULE: wrong });
    expect(await refused.ended).toMatchObject({ code: 1 });
    expect(refused.output).toContain('aggregates.a must have a function evolve or reducer');
    expect(refused.output).toContain('aggregates.b must be a definition');
  });
});
