import { constants } from 'node:fs';
import { type FileHandle, link, lstat, mkdir, open, realpath, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type RecordedEvent,
  type ReplayJob,
  type ReplayOutcome,
  type ReplaySink,
  type ReplaySinkFactory,
  type ReplaySinkState,
  ReplayTargetDown,
  ReplayTargetRefused,
  type ReplayTarget,
  replayedJson,
  targetProblem,
} from '@annals/core';

/** Where replays write their files. */
export interface FileOptions {
  /** Made when it is not there. Processes that take over each other's replays have it in common. */
  readonly directory: string;
}

/** Neither a link that somebody put there is followed, nor is anything waited for. */
const WRITE_PLAIN = constants.O_WRONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
const MODE = 0o640;

/**
 * Lets replays go to files of a directory: a line of JSON for each event.
 *
 * While it runs a replay writes to `<name>.<replay id>.partial`; the file has its name only once it is whole. A file of
 * that name which is there is never written to. After a crash the partial file is cut to what was saved with the progress,
 * so no line is in it twice.
 */
export function fileReplays({ directory }: FileOptions): ReplaySinkFactory {
  return {
    async check(target) {
      const path = join(await directoryOf(directory), nameOf(target));
      if (await lstat(path).catch(ifMissing))
        throw new ReplayTargetRefused(`there is a file ${nameOf(target)} already`);
    },
    async open(job) {
      const name = nameOf(job.target);
      const folder = await directoryOf(directory);
      const partial = join(folder, `${name}.${job.id}.partial`);
      const handle = await openPartial(partial, job.file?.bytes);
      return new FileSink(handle, { folder, partial, whole: join(folder, name) }, job);
    },
  };
}

class FileSink implements ReplaySink {
  private bytes: number;
  private finished = false;

  constructor(
    private readonly handle: FileHandle,
    private readonly paths: { readonly folder: string; readonly partial: string; readonly whole: string },
    job: ReplayJob,
  ) {
    this.bytes = job.file?.bytes ?? 0;
  }

  async *deliver(events: readonly RecordedEvent[]): AsyncGenerator<ReplayOutcome, void, undefined> {
    const lines = Buffer.from(events.map((event) => `${replayedJson(event)}\n`).join(''));
    await wellOrDown(() => this.write(lines));
    this.bytes += lines.length;
    for (const _ of events) yield {};
  }

  async checkpoint(): Promise<ReplaySinkState> {
    await wellOrDown(() => this.handle.datasync());
    return { file: { path: this.paths.partial, bytes: this.bytes } };
  }

  /** Gives the file its name, unless another file has it by now. */
  async finish(): Promise<ReplaySinkState> {
    const { partial, whole, folder } = this.paths;
    await this.checkpoint();
    try {
      await link(partial, whole);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (!(await isSameFile(partial, whole))) {
        throw new ReplayTargetRefused(`there is another file ${whole} by now: the events are in ${partial}`);
      }
    }
    await syncDirectory(folder);
    this.finished = true;
    return { file: { path: whole, bytes: this.bytes } };
  }

  async close(): Promise<void> {
    await this.handle.close();
    if (this.finished) await unlink(this.paths.partial).catch(ifMissing);
  }

  /** A write that broke off is overwritten by the next one. */
  private async write(lines: Buffer): Promise<void> {
    for (let at = 0; at < lines.length;) {
      at += (await this.handle.write(lines, at, lines.length - at, this.bytes + at)).bytesWritten;
    }
  }
}

/** Opens what a job has written so far, cut to what was saved. */
async function openPartial(path: string, savedBytes: number | undefined): Promise<FileHandle> {
  const create = savedBytes === undefined ? constants.O_CREAT : 0;
  const handle = await open(path, WRITE_PLAIN | create, MODE).catch((cause: Error) => {
    throw new ReplayTargetRefused(`${path} cannot be written: ${cause.message}`, { cause });
  });
  const found = await handle.stat();
  const bytes = savedBytes ?? 0;
  if (found.isFile() && found.size >= bytes) {
    await handle.truncate(bytes);
    return handle;
  }
  await handle.close();
  throw new ReplayTargetRefused(`${path} does not hold the ${bytes} bytes that were written to it`);
}

/** A full or failing disk: somebody must look, and the job can go on afterwards. */
async function wellOrDown(act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (cause) {
    throw new ReplayTargetDown((cause as Error).message, { cause });
  }
}

async function directoryOf(directory: string): Promise<string> {
  try {
    await mkdir(directory, { recursive: true });
    return await realpath(directory);
  } catch (cause) {
    throw new ReplayTargetRefused(`the directory for files cannot be used: ${(cause as Error).message}`, { cause });
  }
}

function nameOf(target: ReplayTarget): string {
  const problem = targetProblem(target);
  if (target.type !== 'file' || problem) throw new ReplayTargetRefused(problem?.message ?? 'it is no file');
  return target.name;
}

async function isSameFile(one: string, other: string): Promise<boolean> {
  const [a, b] = [await stat(one), await lstat(other)];
  return a.ino === b.ino && a.dev === b.dev;
}

async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY);
  // Some systems do not sync directories; the file itself is safe.
  await handle.sync().catch(() => undefined);
  await handle.close();
}

function ifMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}
