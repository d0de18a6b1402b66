// The snippets of docs/guides/projections.md: each region stands there word for word.
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from '@jest/globals';
import { createInMemoryStore, eventually } from '@annals/testing';

const store = createInMemoryStore();

afterAll(() => store.close());

// #region define
import { type DocumentContext, defineProjection } from '@annals/core';

const userNames = defineProjection({
  name: 'user-names',
  eventTypes: ['user.created', 'user.renamed', 'user.deleted'],
  handle: (event, documents: DocumentContext) => {
    const { name } = event.data as { name: string };
    if (event.type === 'user.deleted') documents.delete(event.aggregateId!);
    else documents.put(event.aggregateId!, { name });
  },
});
// #endregion

// #region run
const running = await store.projections.run(userNames, store.projections.documents);
const names = store.projections.documents.readModel<{ name: string }>('user-names');
// #endregion

it('keeps documents', async () => {
  // #region wait-for
  const { events } = await store.append({ type: 'user', id: 'u1' }, { type: 'user.created', data: { name: 'Ada' } });
  await running.waitFor(events.at(-1)!.position);
  const user = await names.get('u1'); // { name: 'Ada' }
  // #endregion
  expect(user).toEqual({ name: 'Ada' });
});

const file = ':memory:';

// #region sql
import { type SqlContext, openSqlite, sqlProjectionSink } from '../index.ts';

interface ReadModels {
  paid_orders: { id: string; day: string; cents: number };
}

const database = openSqlite<ReadModels>(file); // or openPostgres<ReadModels>(url)

const sink = sqlProjectionSink<ReadModels>({
  database,
  up: async (trx, table) => {
    const orders = table('paid_orders'); // paid_orders_g1, with a rebuild paid_orders_g2 …
    await trx.schema
      .createTable(orders)
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('day', 'text', (column) => column.notNull())
      .addColumn('cents', 'integer', (column) => column.notNull())
      .execute();
    await trx.schema.createIndex(`${orders}_by_day`).on(orders).column('day').execute();
  },
});

const paidOrders = defineProjection<SqlContext<ReadModels>>({
  name: 'paid-orders',
  eventTypes: ['order.paid'],
  handle: async (event, { trx, table }) => {
    const { cents } = event.data as { cents: number };
    const row = { id: event.aggregateId!, day: event.timestamp.slice(0, 10), cents };
    await trx.insertInto(table('paid_orders')).values(row).execute();
  },
});

const orders = await store.projections.run(paidOrders, sink);
// #endregion

afterAll(() => database.close());

it('keeps rows', async () => {
  const { events } = await store.append({ type: 'order', id: 'o1' }, { type: 'order.paid', data: { cents: 250 } });
  await orders.waitFor(events[0]!.position);
  // #region sql-read
  const rows = await database.db.selectFrom('paid_orders').where('cents', '>', 100).selectAll().execute();
  // #endregion
  expect(rows).toEqual([{ id: 'o1', day: expect.stringMatching(/^\d{4}-/), cents: 250 }]);
});

// #region custom
import { customSink } from '@annals/core';

const texts = new Map<string, string>(); // stands for a store of your own
const found = new Map<string, Set<string>>();

const ownSink = customSink<{ readonly index: (word: string, id: string) => void }>({
  read: async (key) => texts.get(key),
  keep: async (key, expected, value, work) => {
    if (texts.get(key) !== expected) return false;
    const index = (word: string, id: string): void => {
      const at = `${work!.generation}:${word}`;
      found.set(at, (found.get(at) ?? new Set()).add(id));
    };
    await work?.run({ index });
    texts.set(key, value);
    return true;
  },
  clear: async (_name, generation) => {
    for (const key of found.keys()) if (key.startsWith(`${generation}:`)) found.delete(key);
  },
});
// #endregion

it('writes into a store of one’s own', async () => {
  const words = defineProjection<{ readonly index: (word: string, id: string) => void }>({
    name: 'words',
    eventTypes: ['user.created'],
    handle: ({ data, aggregateId }, { index }) => index((data as { name: string }).name, aggregateId!),
  });
  const projection = await store.projections.run(words, ownSink);
  const { events } = await store.append({ type: 'user', id: 'u7' }, { type: 'user.created', data: { name: 'Eve' } });
  await projection.waitFor(events[0]!.position);
  expect(found.get('1:Eve')).toEqual(new Set(['u7']));
});

it('is operated by name', async () => {
  await eventually(async () => (await store.projections.list()).length >= 2);
  // #region operate
  const status = await store.projections.get('user-names');
  const summary = `${status.state}: ${status.lagEvents} events behind, ${status.lagMs} ms`;

  await store.projections.pause('user-names');
  await store.projections.resume('user-names');
  await store.projections.rebuild('user-names'); // beside the one in use, then in its place
  // #endregion
  expect(summary).toBe('live: 0 events behind, 0 ms');
  await eventually(async () => (await store.projections.get('user-names')).generation === 2);
  expect(await names.get('u1')).toEqual({ name: 'Ada' });
});

// #region test
import { testProjection } from '@annals/testing';

it('forgets users that were deleted', async () => {
  await testProjection(userNames)
    .given(
      { type: 'user.created', aggregateId: 'u1', data: { name: 'Ada' } },
      { type: 'user.created', aggregateId: 'u2', data: { name: 'Eve' } },
      { type: 'user.deleted', aggregateId: 'u1', data: {} },
    )
    .expect({ u2: { name: 'Eve' } });
});
// #endregion

describe('docs/guides/projections.md', () => {
  it('shows code that this test runs, all of it and no other', () => {
    const guide = readFileSync(new URL('../../../../docs/guides/projections.md', import.meta.url), 'utf8');
    const source = readFileSync(new URL(import.meta.url), 'utf8');
    const shown: Record<string, string> = {};
    for (const [, name, code] of guide.matchAll(/(?:<!-- snippet: (\S+) -->\n\n)?```ts\n([^]*?)```/g)) {
      shown[name ?? `unnamed: ${code!.split('\n')[0]}`] = code!.trim();
    }
    const tested: Record<string, string> = {};
    for (const [, indent, name, code] of source.matchAll(/^( *)\/\/ #region (\S+)\n([^]*?)^ *\/\/ #endregion/gm)) {
      const text = code!.replaceAll(new RegExp(`^${indent}`, 'gm'), '').replaceAll("'../index.ts'", "'@annals/sql'");
      tested[name!] = text.trim();
    }
    expect(Object.keys(tested).length).toBeGreaterThan(5);
    expect(shown).toEqual(tested);
  });
});
