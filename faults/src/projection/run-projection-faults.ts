import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTestPostgres, startNatsServer } from '@annals/testing';
import { type ProjectionFaultOptions, runProjectionFaults } from './projection-faults.ts';

const SHOWN = 10;

/** Runs projections into SQLite, and PostgreSQL where there is one, on a nats-server of their own. */
export async function projectionFaultsPassed(
  options: Pick<ProjectionFaultOptions, 'seconds' | 'processes' | 'log'>,
): Promise<boolean> {
  const { log, seconds, processes } = options;
  const directory = await mkdtemp(join(tmpdir(), 'annals-projection-faults-'));
  const server = await startNatsServer();
  try {
    const postgres = await openTestPostgres();
    try {
      const databases = [
        { name: 'sqlite', place: join(directory, 'read.db') },
        ...(postgres ? [{ name: 'postgres', place: postgres.url }] : []),
      ];
      log(
        `projections: ${processes} processes for ${seconds} s, into ${databases.map(({ name }) => name).join(' and ')}`,
      );
      const result = await runProjectionFaults({ ...options, servers: server.url, databases });
      log(`  ${result.events} events; ${result.faults.length} faults`);
      for (const fault of result.faults.slice(0, SHOWN)) log(`    ${fault}`);
      return result.faults.length === 0 && result.events > 0 && result.kills > 0;
    } finally {
      await postgres?.stop();
    }
  } finally {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  }
}
