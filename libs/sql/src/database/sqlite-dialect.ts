import { setTimeout as pause } from 'node:timers/promises';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  SqliteDialect,
  type SqliteDialectConfig,
  SqliteDriver,
} from 'kysely';

/** How long a transaction waits for one of another connection, and how often it asks meanwhile. */
const BUSY_MS = 30_000;
const BUSY_STEP_MS = 5;

/**
 * Kysely's dialect, but a transaction takes the right to write when it begins: one that read first and wants to write later
 * would be refused when another wrote meanwhile. It waits for the right without standing in the way of the process.
 */
export class WritingSqliteDialect extends SqliteDialect {
  constructor(private readonly config: SqliteDialectConfig) {
    super(config);
  }

  override createDriver(): Driver {
    return new WritingSqliteDriver(this.config);
  }
}

class WritingSqliteDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    const deadlineMs = performance.now() + BUSY_MS;
    for (;;) {
      try {
        await connection.executeQuery(CompiledQuery.raw('begin immediate'));
        return;
      } catch (error) {
        if ((error as { code?: unknown }).code !== 'SQLITE_BUSY' || performance.now() > deadlineMs) throw error;
      }
      await pause(BUSY_STEP_MS);
    }
  }
}
