import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ClientMessage, ClientOrder, Job } from './client-messages.ts';

/** The built program beside this file. */
const PROGRAM = fileURLToPath(new URL('./main.js', import.meta.url));

/** A client process did not do what it was started for. */
export class ClientFailed extends Error {}

/** How long a job may take, and what ends it before that. */
export interface ClientBounds {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** A contender's client in a process of its own, so that its CPU time and memory are its own. */
export class ClientProcess {
  private readonly child: ChildProcess;
  private readonly exited: Promise<string>;
  private lastWords = '';
  private failure: string | undefined;

  private constructor(
    job: Job,
    private readonly bounds: ClientBounds,
    private readonly onMessage: (message: ClientMessage) => void,
  ) {
    this.child = fork(PROGRAM, [], { stdio: ['ignore', 'inherit', 'pipe', 'ipc'] });
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.lastWords = (this.lastWords + text).slice(-2_000);
    });
    this.child.on('message', (message: ClientMessage) => {
      if (message.kind === 'started') this.order({ kind: 'job', job });
      else if (message.kind === 'failed') this.failure = message.message;
      else onMessage(message);
    });
    this.exited = new Promise((resolve) => {
      this.child.on('error', (error) => resolve(error.message));
      this.child.on('exit', (code, signal) => {
        const how = code === 0 ? '' : (signal ?? `exit code ${code}`);
        // What it said last may still be on its way.
        if (this.child.connected) this.child.once('disconnect', () => resolve(how));
        else resolve(how);
      });
    });
  }

  /**
   * Starts a client and waits until it has done its job.
   *
   * @param onMessage may order more
   * @throws ClientFailed with what it said; the signal's reason when that ended it
   */
  static async run(
    job: Job,
    bounds: ClientBounds,
    onMessage: (message: ClientMessage, client: ClientProcess) => void,
  ): Promise<void> {
    bounds.signal.throwIfAborted();
    const client: ClientProcess = new ClientProcess(job, bounds, (message) => onMessage(message, client));
    await client.ended();
  }

  go(): void {
    this.order({ kind: 'go' });
  }

  private order(order: ClientOrder): void {
    if (this.child.connected) this.child.send(order);
  }

  private async ended(): Promise<void> {
    const { signal, timeoutMs } = this.bounds;
    const kill = () => void this.child.kill('SIGKILL');
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      kill();
    }, timeoutMs);
    signal.addEventListener('abort', kill, { once: true });
    const how = await this.exited;
    clearTimeout(timer);
    signal.removeEventListener('abort', kill);
    signal.throwIfAborted();
    if (timedOut) throw new ClientFailed(`the client was not done within ${timeoutMs / 1000} s`);
    const said = this.failure ?? this.lastWords.trim();
    if (this.failure !== undefined || how !== '') throw new ClientFailed(said || `the client ended with ${how}`);
  }
}
