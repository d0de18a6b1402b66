import Database from 'libsql';
import { Kysely } from 'kysely';
import type { SqlDatabase } from './sql-database.ts';
import { PreparedStatements } from './prepared-statements.ts';
import { WritingSqliteDialect } from './sqlite-dialect.ts';

/** Milliseconds that a single statement waits for another connection; the process stands still meanwhile. */
const BUSY_TIMEOUT_MS = 50;

export interface SqliteOptions {
  /**
   * `'normal'` (unless given): what was committed last may be gone after a power failure, never after a crash of the
   * process, and read models then go on from the older checkpoint; `'full'`: not even then.
   */
  readonly synchronous?: 'normal' | 'full' | undefined;
}

/**
 * Opens an SQLite file, which is made when it is not there. Readers and one writer do not hinder each other (WAL).
 *
 * It has one connection, so within a transaction only that transaction may be used: anything else waits for its end.
 *
 * @param file path, or `':memory:'`
 */
export function openSqlite<DB = Record<string, Record<string, unknown>>>(
  file: string,
  { synchronous = 'normal' }: SqliteOptions = {},
): SqlDatabase<DB> {
  const database = new Database(file, { timeout: BUSY_TIMEOUT_MS });
  database.pragma('journal_mode = WAL');
  database.pragma(`synchronous = ${synchronous === 'full' ? 'FULL' : 'NORMAL'}`);
  database.pragma('foreign_keys = ON');
  const prepared = new PreparedStatements(database);
  const db = new Kysely<DB>({ dialect: new WritingSqliteDialect({ database: prepared }) });
  return { dialect: 'sqlite', db, close: () => db.destroy() };
}
