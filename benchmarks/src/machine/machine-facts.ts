import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { cpus, release, totalmem, type as systemType } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** What the figures depend on. */
export interface MachineFacts {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly system: string;
  /** File system of the data; on `tmpfs` an fsync means nothing. */
  readonly fileSystem: string;
  readonly node: string;
  readonly natsServer: string;
  readonly natsClient: string;
  readonly postgres?: string;
  /** Commit that was measured; `+` after it: with changes that are not committed. */
  readonly commit?: string;
}

const FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0xef53, 'ext4'],
  [0x58465342, 'xfs'],
  [0x9123683e, 'btrfs'],
  [0x01021994, 'tmpfs'],
  [0x794c7630, 'overlay'],
]);
const run = promisify(execFile);

/** Looks at the machine, and at the disk that `dataDir` is on. */
export async function machineFacts(
  dataDir: string,
  versions: { readonly natsServer: string; readonly postgres: string | undefined },
): Promise<MachineFacts> {
  const commit = await measuredCommit();
  return {
    cpu: cpuModel(),
    cores: cpus().length,
    memoryBytes: totalmem(),
    system: `${systemType()} ${release()}`,
    fileSystem: await fileSystemOf(dataDir),
    node: process.versions.node,
    natsServer: versions.natsServer,
    natsClient: packageVersion('@nats-io/jetstream'),
    ...(versions.postgres !== undefined && { postgres: versions.postgres }),
    ...(commit !== undefined && { commit }),
  };
}

function cpuModel(): string {
  return cpus()[0]?.model.trim() || 'unknown';
}

async function fileSystemOf(path: string): Promise<string> {
  const { type } = await statfs(path);
  return FILE_SYSTEMS.get(type) ?? `0x${type.toString(16)}`;
}

/** Of a package that does not export its package.json, which lies above its `lib` folder. */
function packageVersion(name: string): string {
  const path = join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'package.json');
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}

async function measuredCommit(): Promise<string | undefined> {
  try {
    const cwd = import.meta.dirname;
    const { stdout: commit } = await run('git', ['rev-parse', '--short=12', 'HEAD'], { cwd });
    const { stdout: changes } = await run('git', ['status', '--porcelain', '--untracked-files=no'], { cwd });
    return commit.trim() + (changes.trim() === '' ? '' : '+');
  } catch {
    return undefined; // not a git checkout
  }
}
