import { execFile } from 'node:child_process';
import { access, constants, readdir, readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

/** PostgreSQL's programs on this machine. */
export interface PostgresPrograms {
  readonly initdb: string;
  readonly postgres: string;
  /** For example `15.18`. */
  readonly version: string;
}

/** A user that PostgreSQL can run as: it refuses to be root. */
export interface RunAs {
  readonly uid: number;
  readonly gid: number;
}

/** Where distributions put the programs of each version. */
const VERSIONED_ROOTS = ['/usr/lib/postgresql', '/opt/homebrew/opt', '/usr/local/opt'];
const FALLBACK_USERS = ['postgres', 'nobody'];
const run = promisify(execFile);

/** Finds the newest PostgreSQL, on the PATH or where distributions put it; undefined when there is none. */
export async function findPostgres(env: NodeJS.ProcessEnv): Promise<PostgresPrograms | undefined> {
  const onPath = (env.PATH ?? '').split(delimiter).filter(Boolean);
  for (const directory of [...onPath, ...(await versionedDirectories())]) {
    const programs = { initdb: join(directory, 'initdb'), postgres: join(directory, 'postgres') };
    if (!(await isExecutable(programs.initdb)) || !(await isExecutable(programs.postgres))) continue;
    const { stdout } = await run(programs.postgres, ['--version']);
    const version = /\d+(\.\d+)*/.exec(stdout)?.[0];
    if (version !== undefined) return { ...programs, version };
  }
  return undefined;
}

/** Whom to run PostgreSQL as: nobody else unless this process is root. Throws when root has nobody to run it as. */
export async function postgresUser(): Promise<RunAs | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  for (const name of FALLBACK_USERS) {
    const [, , uid, gid] = lines.find(([user]) => user === name) ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error(`PostgreSQL does not run as root, and there is no user ${FALLBACK_USERS.join(' or ')}.`);
}

async function versionedDirectories(): Promise<string[]> {
  const found: { version: number; directory: string }[] = [];
  for (const root of VERSIONED_ROOTS) {
    for (const name of await readdir(root).catch(() => [])) {
      const version = Number(/^(?:postgresql@)?(\d+)$/.exec(name)?.[1]);
      if (version) found.push({ version, directory: join(root, name, 'bin') });
    }
  }
  return found.sort((a, b) => b.version - a.version).map(({ directory }) => directory);
}

function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
