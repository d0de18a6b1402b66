import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type TestNatsServer, type TestPostgres, openTestPostgres, startNatsServer } from '@annals/testing';
import { runProjectionFaults } from './projection-faults.ts';

describe('projections into SQL', () => {
  let directory: string;
  let server: TestNatsServer;
  let postgres: TestPostgres | undefined;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'annals-projection-faults-'));
    [server, postgres] = await Promise.all([startNatsServer(), openTestPostgres()]);
  });
  afterAll(async () => {
    await postgres?.stop();
    await server?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it('hold every event once, however often the processes that run them are killed', async () => {
    const databases = [
      { name: 'sqlite', place: join(directory, 'read.db') },
      ...(postgres ? [{ name: 'postgres', place: postgres.url }] : []),
    ];
    const result = await runProjectionFaults({
      servers: server.url,
      databases,
      seconds: 8,
      processes: 2,
      log: () => {},
    });
    expect(result.faults).toEqual([]);
    expect(result.kills).toBeGreaterThan(0);
    expect(result.events).toBeGreaterThan(100);
  }, 120_000);
});
