import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { findFreePort } from '@annals/tools/nats-server';
import { guardAgainstOrphan } from '@annals/tools/process';
import pg from 'pg';
import { postgresUser, type PostgresPrograms, type RunAs } from './find-postgres.ts';

const START_DEADLINE_MS = 30_000;
const STOP_DEADLINE_MS = 15_000;
const LOOK_MS = 50;
const USER = 'annals';
const run = promisify(execFile);

/** A PostgreSQL on loopback with data of its own. */
export interface PostgresServer {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

export interface PostgresServerOptions {
  /** Where its data are made; left behind when it stops. */
  readonly dataDir: string;
  /** Of postgresql.conf, beside where it listens. */
  readonly settings?: Readonly<Record<string, string | number>> | undefined;
}

/** Makes a database cluster below `dataDir` and starts a server on it; ends with this process, whatever happens to that. */
export async function startPostgres(
  { initdb, postgres }: PostgresPrograms,
  { dataDir, settings = {} }: PostgresServerOptions,
): Promise<PostgresServer> {
  const runAs = await postgresUser();
  const password = randomBytes(18).toString('hex');
  const data = await makeCluster(initdb, dataDir, password, runAs);
  const port = await findFreePort();
  const logFile = join(dataDir, 'postgres.log');
  const log = await open(logFile, 'a');
  // A process group of its own: Ctrl-C must not end it before the clients that still use it.
  const listening = { listen_addresses: '127.0.0.1', port, unix_socket_directories: '' };
  const args = Object.entries({ ...settings, ...listening }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(postgres, ['-D', data, ...args], {
    ...runAs,
    cwd: data,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  await log.close();
  const guard = child.pid === undefined ? undefined : guardAgainstOrphan(child.pid);
  const exited = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });
  void exited.then(() => guard?.release());
  const url = `postgres://${USER}:${password}@127.0.0.1:${port}/postgres`;
  const stop = () => stopServer(child, exited);
  try {
    await waitUntilReady(url, child);
  } catch (error) {
    await stop();
    const tail = (await readFile(logFile, 'utf8')).split('\n').slice(-10).join('\n');
    throw new Error(`PostgreSQL did not start: ${(error as Error).message}\n${tail}`, { cause: error });
  }
  return { url, pid: child.pid!, stop };
}

async function makeCluster(initdb: string, dataDir: string, password: string, runAs?: RunAs): Promise<string> {
  await mkdir(dataDir, { recursive: true });
  const passwordFile = join(dataDir, 'password');
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (runAs) for (const path of [dataDir, passwordFile]) await chown(path, runAs.uid, runAs.gid);
  const data = join(dataDir, 'data');
  const args = ['-D', data, '-U', USER, '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  await run(initdb, [...args, '--encoding=UTF8', '--locale=C', '--no-sync', '--no-instructions'], {
    ...runAs,
    cwd: dataDir,
  }).catch((error: Error) => {
    const who = runAs ? ` It runs as user ${runAs.uid}, who must be able to enter ${dataDir}: see --data-dir.` : '';
    throw new Error(`PostgreSQL's data could not be made: ${error.message.trim()}${who}`, { cause: error });
  });
  await rm(passwordFile);
  return data;
}

async function waitUntilReady(url: string, child: ChildProcess): Promise<void> {
  const endsAt = performance.now() + START_DEADLINE_MS;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) throw new Error('it ended');
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      if (performance.now() > endsAt) throw error;
    }
    await delay(LOOK_MS);
  }
}

/** Fast shutdown, and when that takes too long an immediate one: the data are thrown away. */
async function stopServer(child: ChildProcess, exited: Promise<void>): Promise<void> {
  child.kill('SIGINT');
  const timer = setTimeout(() => child.kill('SIGQUIT'), STOP_DEADLINE_MS);
  await exited;
  clearTimeout(timer);
}
