import { type Transaction, sql } from 'kysely';
import type { BookkeepingTables } from '../bookkeeping/bookkeeping-tables.ts';
import { generationTable } from './table-names.ts';

type Books = Transaction<BookkeepingTables>;

/** A generation and the plain names of its tables. */
export interface NamedGeneration {
  readonly generation: number;
  readonly names: readonly string[];
}

/** The tables of generations, and the views by which readers see those in use. All within the caller's transaction. */
export class GenerationTables {
  /** Makes plain names a projection's own. @throws Error when another one has one of them */
  async claim(trx: Books, projection: string, names: readonly string[]): Promise<void> {
    for (const table_name of names) {
      await trx
        .insertInto('annals_projection_tables')
        .values({ table_name, projection })
        .onConflict((conflict) => conflict.column('table_name').doNothing())
        .execute();
      const owner = await trx
        .selectFrom('annals_projection_tables')
        .where('table_name', '=', table_name)
        .select('projection')
        .executeTakeFirstOrThrow();
      if (owner.projection !== projection) {
        throw new Error(`table ${table_name} is written by projection ${owner.projection}: give it another name`);
      }
    }
  }

  /** Lets the plain names stand for a generation's tables. */
  async use(trx: Books, projection: string, generation: number, names: readonly string[]): Promise<void> {
    await trx
      .updateTable('annals_projections')
      .set({ live_generation: generation })
      .where('name', '=', projection)
      .execute();
    await this.hide(trx, names);
    for (const name of names) {
      const table = sql.table(generationTable(name, generation));
      await sql`create view ${sql.table(name)} as select * from ${table}`.execute(trx);
    }
  }

  /** All generations of a projection; locks them, so that no commit comes between. */
  async ofProjection(trx: Books, projection: string): Promise<readonly NamedGeneration[]> {
    const rows = await trx
      .updateTable('annals_projection_generations')
      .set({ projection })
      .where('projection', '=', projection)
      .returning(['generation', 'tables'])
      .execute();
    return rows
      .map(({ generation, tables }) => ({ generation, names: JSON.parse(tables) as string[] }))
      .sort((a, b) => a.generation - b.generation);
  }

  /** Takes the plain names away: a view stands in the way of its table's removal. */
  async hide(trx: Books, names: Iterable<string>): Promise<void> {
    for (const name of new Set(names)) await trx.schema.dropView(name).ifExists().execute();
  }

  /** Removes a generation with its tables. @param kept plain names that other generations have: the rest is given up */
  async remove(
    trx: Books,
    projection: string,
    { generation, names }: NamedGeneration,
    kept: readonly string[],
  ): Promise<void> {
    for (const name of names) {
      await trx.schema.dropTable(generationTable(name, generation)).ifExists().execute();
      if (kept.includes(name)) continue;
      await trx.deleteFrom('annals_projection_tables').where('table_name', '=', name).execute();
    }
    await trx
      .deleteFrom('annals_projection_generations')
      .where('projection', '=', projection)
      .where('generation', '=', generation)
      .execute();
  }
}
