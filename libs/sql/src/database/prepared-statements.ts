import type Database from 'libsql';
import type { SqliteDatabase, SqliteStatement } from 'kysely';

const MAX_STATEMENTS = 200;
const KEPT = /^\s*(select|insert|update|delete)\b/i;
const TRANSACTION = /^\s*(begin|commit|rollback|savepoint|release)\b/i;

/** A database that prepares a statement once: preparing takes longer than running most of them. */
export class PreparedStatements implements SqliteDatabase {
  private readonly prepared = new Map<string, SqliteStatement>();

  constructor(private readonly database: Database.Database) {}

  prepare(sql: string): SqliteStatement {
    const known = this.prepared.get(sql);
    if (known) return known;
    if (TRANSACTION.test(sql)) return this.atOnce(sql);
    const statement = this.database.prepare(sql) as unknown as SqliteStatement;
    if (!KEPT.test(sql)) {
      // It may change tables: what was prepared for the old ones is of no use.
      this.prepared.clear();
      return statement;
    }
    if (this.prepared.size >= MAX_STATEMENTS) this.prepared.clear();
    this.prepared.set(sql, statement);
    return statement;
  }

  /**
   * A prepared `begin` that is refused because another connection writes goes on holding what it saw then (libsql 0.5.29), and
   * no later one of this connection succeeds.
   */
  private atOnce(sql: string): SqliteStatement {
    const run = (): { changes: number; lastInsertRowid: number } => {
      this.database.exec(sql);
      return { changes: 0, lastInsertRowid: 0 };
    };
    return {
      reader: false,
      run,
      all: () => (run(), []),
      iterate: () => (run(), [])[Symbol.iterator](),
    };
  }

  close(): void {
    this.prepared.clear();
    this.database.close();
  }
}
