export { openSqlite, type SqliteOptions } from './database/open-sqlite.ts';
export { openPostgres, type PostgresOptions } from './database/open-postgres.ts';
export { type SqlDatabase, type SqlDialect } from './database/sql-database.ts';
export { type MakeTables, type SqlContext } from './projection/sql-context.ts';
export { sqlProjectionSink, type SqlSinkOptions } from './projection/sql-projection-sink.ts';
