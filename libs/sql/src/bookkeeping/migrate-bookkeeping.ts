import { type Kysely, type Transaction, sql } from 'kysely';
import type { SqlDialect } from '../database/sql-database.ts';
import type { BookkeepingTables } from './bookkeeping-tables.ts';

/** Any number that no one else locks by: the letters of "annals". */
const LOCK_ID = 97_110_110_097;

type Migration = (trx: Transaction<BookkeepingTables>) => Promise<void>;

/** In order; one that was released is never changed. */
const MIGRATIONS: readonly Migration[] = [
  async (trx) => {
    await trx.schema
      .createTable('annals_projections')
      .addColumn('name', 'text', (column) => column.primaryKey())
      .addColumn('last_generation', 'integer', (column) => column.notNull())
      .addColumn('live_generation', 'integer')
      .execute();
    await trx.schema
      .createTable('annals_projection_generations')
      .addColumn('projection', 'text', (column) => column.notNull())
      .addColumn('generation', 'integer', (column) => column.notNull())
      .addColumn('version', 'integer', (column) => column.notNull())
      .addColumn('checkpoint', 'text', (column) => column.notNull())
      .addColumn('tables', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('annals_projection_generations_key', ['projection', 'generation'])
      .execute();
    await trx.schema
      .createTable('annals_projection_tables')
      .addColumn('table_name', 'text', (column) => column.primaryKey())
      .addColumn('projection', 'text', (column) => column.notNull())
      .execute();
  },
];

/** Brings the library's own tables up to date; one process at a time does so, the others wait. */
export async function migrateBookkeeping(db: Kysely<BookkeepingTables>, dialect: SqlDialect): Promise<void> {
  await db.transaction().execute(async (trx) => {
    // A transaction of SQLite is the only one that may write.
    if (dialect === 'postgres') await sql`select pg_advisory_xact_lock(${LOCK_ID})`.execute(trx);
    await trx.schema
      .createTable('annals_migrations')
      .ifNotExists()
      .addColumn('id', 'integer', (column) => column.primaryKey())
      .execute();
    const done = await trx
      .selectFrom('annals_migrations')
      .select(({ fn }) => fn.max('id').as('last'))
      .executeTakeFirst();
    const last = Number(done?.last ?? 0);
    if (last > MIGRATIONS.length) {
      throw new Error(
        `the database was used by a newer release of Annals: it has migration ${last}, not ${MIGRATIONS.length}`,
      );
    }
    for (let id = last + 1; id <= MIGRATIONS.length; id++) {
      await MIGRATIONS[id - 1]!(trx);
      await trx.insertInto('annals_migrations').values({ id }).execute();
    }
  });
}
