import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { temporaryDirectory } from '../server/temporary-directory.ts';
import { findPostgres } from './find-postgres.ts';
import { startPostgres } from './start-postgres.ts';

/** An empty database on a real PostgreSQL. */
export interface TestPostgres {
  readonly url: string;
  /** Removes the database, and stops the server where it was started for this. */
  stop(): Promise<void>;
}

/** Data are thrown away, so nothing waits for the disk. */
const SETTINGS = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', shared_buffers: '64MB' };

/**
 * A database for tests: on the server of `TEST_DATABASE_URL`, else on one that is started from the machine's `postgresql`
 * package. Where there is neither, a loud line says so, and what needs it is left out.
 *
 * @returns undefined where there is no PostgreSQL
 */
export async function openTestPostgres(env: NodeJS.ProcessEnv = process.env): Promise<TestPostgres | undefined> {
  if (env.TEST_DATABASE_URL) return databaseOn(env.TEST_DATABASE_URL, async () => {});
  const programs = await findPostgres(env);
  if (!programs) {
    console.warn('NOT TESTED on PostgreSQL: install the package `postgresql`, or set TEST_DATABASE_URL.');
    return undefined;
  }
  const directory = await temporaryDirectory('postgres');
  try {
    const server = await startPostgres(programs, { dataDir: directory.path, settings: SETTINGS });
    return await databaseOn(server.url, async () => {
      await server.stop();
      await directory.remove();
    });
  } catch (error) {
    await directory.remove();
    throw error;
  }
}

async function databaseOn(serverUrl: string, stopServer: () => Promise<void>): Promise<TestPostgres> {
  const database = `annals_${randomBytes(6).toString('hex')}`;
  const run = async (statement: string): Promise<void> => {
    const client = new pg.Client({ connectionString: serverUrl });
    await client.connect();
    try {
      await client.query(statement);
    } finally {
      await client.end();
    }
  };
  await run(`CREATE DATABASE ${database}`);
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  const stop = async (): Promise<void> => {
    await run(`DROP DATABASE ${database} WITH (FORCE)`);
    await stopServer();
  };
  return { url: url.href, stop };
}
