import type { Kysely } from 'kysely';

export type SqlDialect = 'sqlite' | 'postgres';

/** A database and the language that it speaks. `DB` says which tables it has, as Kysely wants it. */
export interface SqlDatabase<DB = Record<string, Record<string, unknown>>> {
  readonly dialect: SqlDialect;
  readonly db: Kysely<DB>;
  /** Waits for what is in hand, then lets go of it. */
  close(): Promise<void>;
}
