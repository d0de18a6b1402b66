import { type Checkpoint, CheckpointMoved, type Generation, type ProjectionSink } from '@annals/core';
import { type Kysely, type Transaction, sql } from 'kysely';
import type { BookkeepingTables } from '../bookkeeping/bookkeeping-tables.ts';
import { migrateBookkeeping } from '../bookkeeping/migrate-bookkeeping.ts';
import type { SqlDatabase } from '../database/sql-database.ts';
import { GenerationTables } from './generation-tables.ts';
import type { MakeTables, SqlContext } from './sql-context.ts';
import { checkTableName, generationTable } from './table-names.ts';

export interface SqlSinkOptions<DB> {
  readonly database: SqlDatabase<DB>;
  /**
   * Makes the tables of a new generation, within a transaction. It asks for each by `table(name)`; readers select from the
   * plain name, which is a view of the generation in use.
   *
   * @example
   * up: async (trx, table) => {
   *   await trx.schema.createTable(table('user_names')).addColumn('id', 'text', (c) => c.primaryKey()).execute();
   * }
   */
  readonly up: MakeTables<DB>;
}

/**
 * Read models in SQLite or PostgreSQL: what a projection writes and its checkpoint are one transaction, so no event is
 * written twice or passed over, whatever crashes. Several processes may share a PostgreSQL database, and an SQLite file.
 */
export function sqlProjectionSink<DB>(options: SqlSinkOptions<DB>): ProjectionSink<SqlContext<DB>> {
  return new SqlProjectionSink(options);
}

class SqlProjectionSink<DB> implements ProjectionSink<SqlContext<DB>> {
  private readonly books: Kysely<BookkeepingTables>;
  private readonly tables: GenerationTables;
  private migrated: Promise<void> | undefined;
  /** Plain names by projection and generation: they never change. */
  private readonly known = new Map<string, ReadonlySet<string>>();

  constructor(private readonly options: SqlSinkOptions<DB>) {
    // The library's tables lie beside the user's.
    this.books = options.database.db as unknown as Kysely<BookkeepingTables>;
    this.tables = new GenerationTables();
  }

  async generations(name: string): Promise<readonly Generation[]> {
    await this.ready();
    const rows = await this.books
      .selectFrom('annals_projection_generations as g')
      .innerJoin('annals_projections as p', 'p.name', 'g.projection')
      .where('g.projection', '=', name)
      .select(['g.generation', 'g.version', 'g.checkpoint', 'p.live_generation'])
      .orderBy('g.generation')
      .execute();
    return rows.map((row) => ({
      number: row.generation,
      version: row.version,
      live: row.generation === row.live_generation,
      checkpoint: JSON.parse(row.checkpoint) as Checkpoint,
    }));
  }

  async begin(name: string, version: number): Promise<Generation> {
    await this.ready();
    return this.books.transaction().execute(async (trx) => {
      const { last_generation: number, live_generation: live } = await trx
        .insertInto('annals_projections')
        .values({ name, last_generation: 1, live_generation: null })
        .onConflict((conflict) =>
          conflict.column('name').doUpdateSet({ last_generation: sql<number>`annals_projections.last_generation + 1` }),
        )
        .returning(['last_generation', 'live_generation'])
        .executeTakeFirstOrThrow();
      const names = new Set<string>();
      const table = (plain: string): string => {
        names.add(checkTableName(plain));
        return generationTable(plain, number);
      };
      await this.options.up(trx as unknown as Transaction<DB>, table as SqlContext<DB>['table']);
      await this.tables.claim(trx, name, [...names]);
      const tables = JSON.stringify([...names]);
      await trx
        .insertInto('annals_projection_generations')
        .values({ projection: name, generation: number, version, checkpoint: '[]', tables })
        .execute();
      if (live === null) await this.tables.use(trx, name, number, [...names]);
      return { number, version, live: live === null, checkpoint: [] };
    });
  }

  async commit(
    name: string,
    generation: number,
    from: Checkpoint,
    to: Checkpoint,
    work: (context: SqlContext<DB>) => Promise<void>,
  ): Promise<void> {
    await this.ready();
    const names = await this.namesOf(name, generation);
    const table = (plain: string): string => {
      if (names.has(plain)) return generationTable(plain, generation);
      throw new Error(`projection ${name} has no table ${plain}: ask for it in \`up\`, under a new version`);
    };
    await this.books.transaction().execute(async (trx) => {
      // First of all: it takes the row, so whoever else commits waits and then finds it moved.
      const { numUpdatedRows } = await trx
        .updateTable('annals_projection_generations')
        .set({ checkpoint: checkpointText(to) })
        .where('projection', '=', name)
        .where('generation', '=', generation)
        .where('checkpoint', '=', checkpointText(from))
        .executeTakeFirst();
      if (numUpdatedRows === 0n) throw new CheckpointMoved(name, generation);
      await work({ trx: trx as unknown as Transaction<DB>, table: table as SqlContext<DB>['table'] });
    });
  }

  async promote(name: string, generation: number): Promise<void> {
    await this.ready();
    await this.books.transaction().execute(async (trx) => {
      const all = await this.tables.ofProjection(trx, name);
      const promoted = all.find((other) => other.generation === generation);
      if (!promoted) throw new CheckpointMoved(name, generation);
      const others = all.filter((other) => other !== promoted);
      await this.tables.hide(
        trx,
        all.flatMap(({ names }) => names),
      );
      for (const other of others) await this.tables.remove(trx, name, other, promoted.names);
      await this.tables.use(trx, name, generation, promoted.names);
    });
  }

  async drop(name: string, generation: number): Promise<void> {
    await this.ready();
    await this.books.transaction().execute(async (trx) => {
      const all = await this.tables.ofProjection(trx, name);
      const dropped = all.find((other) => other.generation === generation);
      if (!dropped) return;
      const others = all.filter((other) => other !== dropped);
      const { numUpdatedRows: wasLive } = await trx
        .updateTable('annals_projections')
        .set({ live_generation: null })
        .where('name', '=', name)
        .where('live_generation', '=', generation)
        .executeTakeFirst();
      if (wasLive > 0n) await this.tables.hide(trx, dropped.names);
      const kept = others.flatMap(({ names }) => names);
      await this.tables.remove(trx, name, dropped, kept);
    });
  }

  private async namesOf(name: string, generation: number): Promise<ReadonlySet<string>> {
    const key = `${name}\n${generation}`;
    let names = this.known.get(key);
    if (!names) {
      const row = await this.books
        .selectFrom('annals_projection_generations')
        .where('projection', '=', name)
        .where('generation', '=', generation)
        .select('tables')
        .executeTakeFirst();
      if (!row) throw new CheckpointMoved(name, generation);
      names = new Set(JSON.parse(row.tables) as string[]);
      this.known.set(key, names);
    }
    return names;
  }

  private ready(): Promise<void> {
    const { dialect } = this.options.database;
    this.migrated ??= migrateBookkeeping(this.books, dialect).catch((error: unknown) => {
      this.migrated = undefined;
      throw error;
    });
    return this.migrated;
  }
}

/** The same text for the same place, whoever wrote it. */
function checkpointText(checkpoint: Checkpoint): string {
  const sorted = [...checkpoint].sort((a, b) => (a.stream < b.stream ? -1 : 1));
  return JSON.stringify(sorted.map(({ stream, sequence }) => ({ stream, sequence })));
}
