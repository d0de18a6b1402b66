import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ChildOrders } from './handling-child.spec-support.ts';

const PROGRAM = fileURLToPath(new URL('./handling-child.spec-support.ts', import.meta.url));
const HOOKS = new URL('../../../typescript-hooks.mjs', import.meta.url).href;
const REGISTER = `data:text/javascript,import { register } from 'node:module'; register('${HOOKS}');`;

/** A line of the journal. */
export interface JournalLine {
  readonly by: string;
  readonly atMs: number;
  readonly did: 'start' | 'begin' | 'end' | 'stop';
  readonly id: string;
  readonly n: number;
  readonly attempt: number;
}

/** A process of its own that handles a subscription. */
export class HandlingChild {
  private readonly child: ChildProcess;
  private readonly gone: Promise<unknown>;

  constructor(readonly orders: ChildOrders) {
    this.child = fork(PROGRAM, [JSON.stringify(orders)], {
      execArgv: ['--conditions=@annals/source', '--import', REGISTER, '--no-warnings'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.gone = once(this.child, 'exit');
  }

  get isGone(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.gone;
  }

  /** @returns its exit code */
  async terminate(): Promise<number | null> {
    this.child.kill('SIGTERM');
    await this.gone;
    return this.child.exitCode;
  }
}

/** What all processes of a test did, in the order in which they did it. */
export class Journal {
  constructor(readonly path: string) {
    writeFileSync(path, '');
  }

  lines(): JournalLine[] {
    const text = readFileSync(this.path, 'utf8');
    return text
      .slice(0, text.lastIndexOf('\n') + 1)
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as JournalLine);
  }

  /** Numbers of an aggregate's events that were handled, in order. */
  ended(id?: string): number[] {
    return this.lines()
      .filter((line) => line.did === 'end' && (id === undefined || line.id === id))
      .map(({ n }) => n);
  }
}
