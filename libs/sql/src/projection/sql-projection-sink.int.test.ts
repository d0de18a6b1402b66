import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe } from '@jest/globals';
import { openTestPostgres } from '@annals/testing';
import { type SinkUnderTest, describeProjectionSink } from '@annals/testing/contract';
import { openPostgres } from '../database/open-postgres.ts';
import { openSqlite } from '../database/open-sqlite.ts';
import type { SqlDatabase } from '../database/sql-database.ts';
import type { SqlContext } from './sql-context.ts';
import { sqlProjectionSink } from './sql-projection-sink.ts';

interface Tables {
  [name: string]: { key: string; place: number; n: number };
}

const directory = await mkdtemp(join(tmpdir(), 'annals-sql-'));
const postgres = await openTestPostgres();

afterAll(async () => {
  await postgres?.stop();
  await rm(directory, { recursive: true, force: true });
});

const databases: readonly [string, (() => SqlDatabase<Tables>) | undefined][] = [
  ['SQLite', () => openSqlite<Tables>(join(directory, 'read.db'))],
  ['PostgreSQL', postgres && (() => openPostgres<Tables>(postgres.url))],
];

/** Lists of numbers, one row each. */
function numbersSink(database: SqlDatabase<Tables>, purpose: string): SinkUnderTest<SqlContext<Tables>> {
  const plain = `numbers_${purpose}`;
  const sink = sqlProjectionSink<Tables>({
    database,
    up: async (trx, table) => {
      await trx.schema
        .createTable(table(plain))
        .addColumn('key', 'text', (column) => column.notNull())
        .addColumn('place', 'integer', (column) => column.notNull())
        .addColumn('n', 'integer', (column) => column.notNull())
        .addPrimaryKeyConstraint(`${table(plain)}_key`, ['key', 'place'])
        .execute();
    },
  });
  return {
    sink,
    add: async ({ trx, table }, key, n) => {
      const { place } = await trx
        .selectFrom(table(plain))
        .where('key', '=', key)
        .select(({ fn }) => fn.countAll<number>().as('place'))
        .executeTakeFirstOrThrow();
      await trx
        .insertInto(table(plain))
        .values({ key, place: Number(place), n })
        .execute();
    },
    read: async (_name, key) => {
      const rows = await database.db.selectFrom(plain).where('key', '=', key).select('n').orderBy('place').execute();
      return rows.map(({ n }) => n);
    },
    close: () => database.close(),
  };
}

for (const [name, open] of databases) {
  // A machine without PostgreSQL says so loudly when the server is looked for; a fake would prove nothing in its place.
  const describeHere = open ? describe : describe.skip;
  describeHere(name, () => {
    const opened = open!;
    describeProjectionSink(name, {
      sharesData: true,
      open: async (purpose) => numbersSink(opened(), purpose),
    });
  });
}
