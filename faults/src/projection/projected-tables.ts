import { type Projection, type ProjectionSink, defineProjection } from '@annals/core';
import { type SqlContext, type SqlDatabase, openPostgres, openSqlite, sqlProjectionSink } from '@annals/sql';

/** Where child processes keep their read models. */
export interface ProjectedDatabase {
  readonly name: string;
  /** Path of an SQLite file, or URL of a PostgreSQL database. */
  readonly place: string;
}

/** By plain name: what was handled, one row each without any key, and running sums that show what was added twice. */
export interface ProjectedTables {
  [name: string]: { sequence: number; total: number; id: string };
}

const READ_MODELS = 4;

export function openProjected({ place }: ProjectedDatabase): SqlDatabase<ProjectedTables> {
  return place.startsWith('postgres') ? openPostgres(place) : openSqlite(place);
}

/** The projections of one database, each with its sink. */
export function projectedModels(
  { name }: ProjectedDatabase,
  database: SqlDatabase<ProjectedTables>,
): readonly {
  readonly projection: Projection<SqlContext<ProjectedTables>>;
  readonly sink: ProjectionSink<SqlContext<ProjectedTables>>;
  readonly table: string;
}[] {
  return Array.from({ length: READ_MODELS }, (_, i) => {
    const table = `handled_${i}`;
    const sums = `sums_${i}`;
    return {
      table,
      projection: defineProjection<SqlContext<ProjectedTables>>({
        name: `${name}-${i}`,
        batchSize: [1, 7, 100, 500][i]!,
        handle: async ({ position: { sequence }, aggregateId }, { trx, table: of }) => {
          const id = aggregateId ?? '';
          await trx.insertInto(of(table)).values({ sequence, id, total: 0 }).execute();
          const { numUpdatedRows } = await trx
            .updateTable(of(sums))
            .set(({ eb }) => ({ total: eb('total', '+', 1), sequence }))
            .where('id', '=', id)
            .executeTakeFirst();
          if (numUpdatedRows === 0n) await trx.insertInto(of(sums)).values({ id, total: 1, sequence }).execute();
        },
      }),
      sink: sqlProjectionSink<ProjectedTables>({
        database,
        up: async (trx, of) => {
          for (const plain of [table, sums]) {
            await trx.schema
              .createTable(of(plain))
              .addColumn('sequence', 'integer', (column) => column.notNull())
              .addColumn('id', 'text', (column) => column.notNull())
              .addColumn('total', 'integer', (column) => column.notNull())
              .execute();
          }
        },
      }),
    };
  });
}
