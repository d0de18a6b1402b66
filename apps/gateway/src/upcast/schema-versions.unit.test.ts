import { fileURLToPath } from 'node:url';
import { createInMemoryStore } from '@annals/testing';
import type { EventStore } from '@annals/core';
import { type InMemoryGateway, startInMemoryGateway } from '../bootstrap/in-memory-gateway.spec-support.ts';
import { withMethods } from '../store/replaced-methods.spec-support.ts';

const STATE_MODULE = fileURLToPath(new URL('../state/accounts.spec-support.ts', import.meta.url));
const PATH = '/events/schema-versions';

async function withOldEvents(): Promise<EventStore> {
  const store = createInMemoryStore();
  const paid = (schemaVersion: number) => ({ type: 'account.paid', data: { francs: 1 }, schemaVersion });
  await store.append({ type: 'account', id: 'a1' }, [paid(1), paid(2), paid(1), paid(3)]);
  await store.append({ type: 'user', id: 'u1', tenantId: 'acme' }, { type: 'user.created', data: {} });
  return store;
}

describe('GET /events/schema-versions', () => {
  let gateway: InMemoryGateway;

  beforeAll(async () => {
    gateway = await startInMemoryGateway({ store: await withOldEvents(), env: { STATE_MODULE } });
  });

  afterAll(() => gateway.stop());

  const paid = (schemaVersion: number, way: string) => ({
    eventType: 'account.paid',
    schemaVersion,
    way,
    currentVersion: 2,
  });

  it('tells what is stored, and whether the module can read it', async () => {
    const { status, body } = await gateway.get(PATH);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      events: 5,
      complete: true,
      versions: [
        { ...paid(1, 'migrates'), count: 2, first: { sequence: 1 }, last: { sequence: 3 } },
        paid(2, 'current'),
        paid(3, 'newer'),
        { eventType: 'user.created', schemaVersion: 1, way: 'current' },
      ],
    });
    expect((await gateway.get(`${PATH}?tenantId=acme`)).body).toMatchObject({ events: 1 });
  });

  it('tells how far it is as NDJSON, and the answer at last', async () => {
    const store = createInMemoryStore();
    const events = Array.from({ length: 1_000 }, () => ({ type: 'counted', data: null }));
    for (let i = 0; i < 21; i++) await store.append({ type: 'clock', id: `c${i}` }, events);
    const large = await startInMemoryGateway({ store });
    try {
      const { text } = await large.get(PATH, { accept: 'application/x-ndjson' });
      const lines = text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      expect(lines[0]).toEqual({ read: 0 });
      expect(lines.at(-1)).toMatchObject({ events: 21_000, complete: true, versions: [{ count: 21_000 }] });
      expect(lines.slice(1, -1).every(({ read }) => read === 10_000 || read === 20_000)).toBe(true);
    } finally {
      await large.stop();
    }
  });

  it('answers 503 where the log takes too long, and stops reading it', async () => {
    const store = createInMemoryStore();
    let stopped = false;
    const readAll: EventStore['readAll'] = async function* ({ signal } = {}) {
      await new Promise<void>((_, reject) => {
        signal!.addEventListener('abort', () => {
          stopped = true;
          reject(signal!.reason as Error);
        });
      });
    };
    const hasty = await startInMemoryGateway({
      store: withMethods(store, { readAll }),
      env: { REQUEST_TIMEOUT_MS: '100' },
    });
    try {
      expect(await hasty.get(PATH)).toMatchObject({ status: 503, body: { code: 'request-timeout' } });
      expect(stopped).toBe(true);
    } finally {
      await hasty.stop();
    }
  });

  it('breaks off with the reason where reading fails', async () => {
    const failing = withMethods(createInMemoryStore(), {
      async *readAll() {
        throw new Error('damaged');
      },
    });
    const broken = await startInMemoryGateway({ store: failing });
    try {
      expect((await broken.get(PATH)).status).toBe(500);
      await expect(broken.get(PATH, { accept: 'application/x-ndjson' })).rejects.toThrow();
    } finally {
      await broken.stop();
    }
  });

  it('answers 400 for other parameters', async () => {
    expect(await gateway.get(`${PATH}?limit=1`)).toMatchObject({ status: 400, body: { errors: [{ path: 'limit' }] } });
  });
});
