import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandLineOf } from '../process/command-line-of.mjs';
import { waitUntil } from '../process/wait-until.mjs';

const LOCK_FILE = 'running.json';

/** @typedef {{ pid: number, command: string, url?: string, natsPid?: number, natsCommand?: string }} LockContent */

/**
 * One `npm start` per data directory: two nats-servers on the same files would destroy them.
 */
export class DataDirectoryLock {
  #file;
  /** @type {LockContent} */
  #content;
  #held = false;

  /** @param {string} dataDir */
  constructor(dataDir) {
    this.dataDir = dataDir;
    this.#file = join(dataDir, LOCK_FILE);
    this.#content = { pid: process.pid, command: commandLineOf(process.pid) ?? '' };
  }

  /**
   * @throws {DataDirectoryInUse}
   */
  async acquire() {
    mkdirSync(this.dataDir, { recursive: true });
    while (!this.#tryToCreate()) {
      const holder = this.#read();
      if (holder && isRunning(holder.pid, holder.command))
        throw new DataDirectoryInUse(this.dataDir, this.#file, holder);
      if (holder) await this.#untilItsServerIsGone(holder);
      rmSync(this.#file, { force: true });
    }
    this.#held = true;
  }

  /**
   * Adds what a later start wants to know.
   * @param {Partial<LockContent>} more
   */
  note(more) {
    this.#content = { ...this.#content, ...more };
    writeFileSync(this.#file, JSON.stringify(this.#content));
  }

  /** Frees the directory; does nothing when another process has it. */
  release() {
    if (this.#held) rmSync(this.#file, { force: true });
    this.#held = false;
  }

  #tryToCreate() {
    try {
      writeFileSync(this.#file, JSON.stringify(this.#content), { flag: 'wx' });
      return true;
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false;
      throw error;
    }
  }

  /** @returns {LockContent | undefined} */
  #read() {
    try {
      return JSON.parse(readFileSync(this.#file, 'utf8'));
    } catch {
      return undefined;
    }
  }

  /**
   * A start that was killed leaves its server for a moment: it is told to stop, but may still write.
   * @param {LockContent} holder
   */
  async #untilItsServerIsGone(holder) {
    const { natsPid, natsCommand } = holder;
    if (natsPid === undefined) return;
    await waitUntil(async () => !isRunning(natsPid, natsCommand), {
      timeoutMs: 15_000,
      otherwise: () => new DataDirectoryInUse(this.dataDir, this.#file, { ...holder, pid: natsPid }),
    });
  }
}

/**
 * Process ids are used again, so the command line has to be the same.
 * @param {number} pid
 * @param {string | undefined} command
 */
function isRunning(pid, command) {
  if (pid === process.pid) return false;
  const found = commandLineOf(pid);
  return found !== undefined && (!command || !found || found === command);
}

/** Another process uses this data directory. */
export class DataDirectoryInUse extends Error {
  /** @type {'DATA_DIRECTORY_IN_USE'} */
  code = 'DATA_DIRECTORY_IN_USE';
  name = 'DataDirectoryInUse';

  /**
   * @param {string} dataDir
   * @param {string} file
   * @param {LockContent} holder
   */
  constructor(dataDir, file, { pid, url }) {
    super(
      [
        `Annals runs already with the data in ${dataDir} (process ${pid}${url ? `, ${url}` : ''}).`,
        'Stop it first, or start this one with another DATA_DIR.',
        `If no such process runs, remove ${file}.`,
      ].join('\n'),
    );
    this.pid = pid;
  }
}
