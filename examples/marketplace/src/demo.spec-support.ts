import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '@annals/testing';

const DEMO = fileURLToPath(new URL('../../../tools/demo.mjs', import.meta.url));
const RUN_MS = 120_000;

/** A store of its own for demos of one test. */
export function temporaryDataDir(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'annals-demo-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** The demo as it is started from a shell, with all that it prints. */
export class RunningDemo {
  output = '';
  readonly exited: Promise<number | string>;
  private readonly child: ChildProcess;

  constructor(dataDir: string, ...args: readonly string[]) {
    const { NODE_OPTIONS: _jestNeedsThem, NATS_URL: _notOurs, ...env } = process.env;
    this.child = spawn(process.execPath, [DEMO, ...args], {
      env: { ...env, DATA_DIR: dataDir, PORT: '0', LOG_LEVEL: 'warn', FORCE_COLOR: '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const take = (chunk: Buffer) => void (this.output += chunk.toString());
    this.child.stdout!.on('data', take);
    this.child.stderr!.on('data', take);
    this.exited = new Promise((resolve) => {
      this.child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
    });
  }

  /** Waits until it printed something; fails when it ended without. */
  async printed(pattern: RegExp): Promise<void> {
    let ended = false;
    void this.exited.then(() => (ended = true));
    await eventually(() => ended || pattern.test(this.output), { deadlineMs: RUN_MS });
    if (!pattern.test(this.output)) throw new Error(`It ended without printing ${pattern}, but:\n${this.output}`);
  }

  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<number | string> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill(signal);
    return this.exited;
  }
}

/** Does what a printed curl line does: a shell takes it apart, as it would for curl. */
export async function followCurl(line: string): Promise<{ readonly status: number; readonly text: string }> {
  const words = execFileSync('/bin/sh', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1);
  const url = words.at(-1)!;
  const valueAfter = (flag: string) => words.flatMap((word, i) => (word === flag ? [words[i + 1]!] : []));
  const [method = 'GET'] = valueAfter('-X');
  const [body] = valueAfter('-d');
  const headers = Object.fromEntries(valueAfter('-H').map((header) => header.split(': ') as [string, string]));
  const response = await fetch(url, { method, headers, ...(body !== undefined && { body }) });
  return { status: response.status, text: await response.text() };
}
