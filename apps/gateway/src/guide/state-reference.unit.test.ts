import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineProjection } from '@annals/core';
import { createInMemoryStore, eventually } from '@annals/testing';
import { type InMemoryGateway, startInMemoryGateway } from '../bootstrap/in-memory-gateway.spec-support.ts';
import { curlLines } from './curl-line.spec-support.ts';

const page = readFileSync(new URL('../../../../docs/reference/http-api.md', import.meta.url), 'utf8');
const STATE_MODULE = fileURLToPath(new URL('../state/accounts.spec-support.ts', import.meta.url));
const section = (title: string): string => page.split(/^## /m).find((part) => part.startsWith(title))!;
const example = (title: string): object => JSON.parse(/```json\n([^]*?)```/.exec(section(title))![1]!) as object;

describe('the curl lines of docs/reference/http-api.md on states', () => {
  let gateway: InMemoryGateway;

  beforeAll(async () => {
    const store = createInMemoryStore();
    gateway = await startInMemoryGateway({ store, env: { STATE_MODULE } });
    await store.append({ type: 'user', id: 'user-123' }, [
      { type: 'user.created', data: { name: 'Ada' }, timestamp: '2024-01-01T10:00:00Z' },
      {
        type: 'user.moved',
        data: { city: 'Bern' },
        timestamp: '2024-01-02T10:00:00Z',
        userId: 'clerk-456',
        messageId: '01J9Z3N8Q4W7T5B6C2D1E0F9GH',
      },
      { type: 'user.seen', data: {}, timestamp: '2024-01-03T10:00:00Z', messageId: '01J9Z3N8Q4W7T5B6C2D1E0F9GJ' },
    ]);
    await store.append({ type: 'account', id: 'account-1' }, { type: 'account.opened', data: { name: 'Ada' } });
    const projection = defineProjection({ name: 'user-names', handle: () => {} });
    const running = await store.projections.run(projection, store.projections.documents);
    await eventually(async () => (await store.projections.get('user-names').catch(() => undefined))?.state === 'live');
    // What is steered over HTTP need not run in this process.
    await running.stop();
  });

  afterAll(() => gateway.stop());

  const run = async (title: string) => {
    const seen: [string, number][] = [];
    const bodies: unknown[] = [];
    for (const { url, init } of curlLines(section(title))) {
      const path = url.replace('http://127.0.0.1:3000', '');
      const { status, body } = await gateway.request(path, init);
      seen.push([`${init.method} ${path}`, status]);
      bodies.push(body);
    }
    return { seen, bodies };
  };

  it('answer with states as they are shown', async () => {
    const { seen, bodies } = await run('GET /events/aggregate/state');
    expect(seen).toEqual([
      ['GET /events/aggregate/state?aggregateType=user&aggregateId=user-123', 200],
      ['GET /events/aggregate/state?aggregateId=user-123&atVersion=1', 200],
      ['GET /events/aggregate/state?aggregateId=user-123&asOf=2024-01-01T12:00:00Z', 200],
    ]);
    expect(bodies[0]).toEqual(example('GET /events/aggregate/state'));
    expect(bodies.slice(1)).toMatchObject([{ version: 1 }, { version: 1 }]);
  });

  it('answer with diffs as they are shown', async () => {
    const { seen, bodies } = await run('GET /events/aggregate/diff');
    expect(seen).toEqual([
      ['GET /events/aggregate/diff?aggregateId=user-123&from=1&to=3', 200],
      ['GET /events/aggregate/diff?aggregateId=user-123&from=2024-01-01T12:00:00Z', 200],
    ]);
    for (const body of bodies) expect(body).toEqual(example('GET /events/aggregate/diff'));
  });

  it('list, take and remove snapshots', async () => {
    const { seen, bodies } = await run('Snapshots');
    expect(seen).toEqual([
      ['GET /events/snapshots?aggregateType=account', 200],
      ['POST /events/snapshots/account/account-1', 201],
      ['GET /events/snapshots/account/account-1', 200],
      ['DELETE /events/snapshots/account/account-1', 204],
    ]);
    expect(Object.keys(bodies[2] as object)).toEqual(Object.keys(example('Snapshots')));
  });

  it('look after projections', async () => {
    const { seen, bodies } = await run('Projections');
    expect(seen).toEqual([
      ['GET /events/projections', 200],
      ['GET /events/projections/user-names', 200],
      ['POST /events/projections/user-names/pause', 200],
      ['POST /events/projections/user-names/resume', 200],
      ['POST /events/projections/user-names/rebuild', 202],
      ['DELETE /events/projections/user-names', 204],
    ]);
    expect(Object.keys(bodies[1] as object)).toEqual(Object.keys(example('Projections')));
  });

  it('audit schema versions', async () => {
    const { seen, bodies } = await run('Schema versions');
    expect(seen.map(([, status]) => status)).toEqual([200, 200]);
    const { versions, ...rest } = bodies[0] as { versions: { eventType: string }[] };
    const shown = example('Schema versions') as { versions: object[] };
    expect(['events', 'complete', 'versions']).toEqual(Object.keys(shown));
    expect(rest).toMatchObject({ events: 4, complete: true });
    const account = versions.find(({ eventType }) => eventType === 'account.opened')!;
    expect(Object.keys(account).sort()).toEqual(Object.keys(shown.versions[0]!).sort());
  });
});
