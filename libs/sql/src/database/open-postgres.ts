import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { SqlDatabase } from './sql-database.ts';

export interface PostgresOptions {
  /** Connections at most; 10. */
  readonly maxConnections?: number | undefined;
  /** Hears of connections that break while nobody uses them; they are made anew. */
  readonly onIdleError?: ((error: Error) => void) | undefined;
}

/**
 * Uses a PostgreSQL database (15 or newer).
 *
 * @param url such as `postgresql://user:password@host:5432/database`
 */
export function openPostgres<DB = Record<string, Record<string, unknown>>>(
  url: string,
  { maxConnections = 10, onIdleError = () => {} }: PostgresOptions = {},
): SqlDatabase<DB> {
  const pool = new pg.Pool({ connectionString: url, max: maxConnections });
  pool.on('error', onIdleError);
  const db = new Kysely<DB>({ dialect: new PostgresDialect({ pool }) });
  return { dialect: 'postgres', db, close: () => db.destroy() };
}
