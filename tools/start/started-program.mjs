import { spawn } from 'node:child_process';
import { commandLineOf } from '../process/command-line-of.mjs';
import { waitUntil } from '../process/wait-until.mjs';

/** For specs: a program under test with all that it printed. */
export class StartedProgram {
  output = '';

  /**
   * @param {readonly string[]} args of Node
   * @param {NodeJS.ProcessEnv} env added to this process's
   */
  constructor(args, env) {
    // What a test run sets for itself must not reach the program.
    const own = { ...process.env, NODE_OPTIONS: '', FORCE_COLOR: '0', LOG_LEVEL: '', NATS_URL: '', HOST: '' };
    this.child = spawn(process.execPath, [...args], { env: { ...own, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout.setEncoding('utf8').on('data', (text) => (this.output += text));
    this.child.stderr.setEncoding('utf8').on('data', (text) => (this.output += text));
    /** @type {Promise<number | string>} exit code or signal */
    this.exited = new Promise((resolve) => this.child.on('close', (code, signal) => resolve(code ?? String(signal))));
  }

  get ended() {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /**
   * Waits until it printed something.
   * @param {RegExp} pattern
   * @param {number} [timeoutMs]
   * @returns {Promise<RegExpExecArray>}
   */
  async printed(pattern, timeoutMs = 20_000) {
    await waitUntil(async () => pattern.test(this.output) || this.ended, {
      timeoutMs,
      otherwise: () => new Error(`${pattern} was not printed in ${timeoutMs} ms, but:\n${this.output}`),
    });
    const match = pattern.exec(this.output);
    if (!match) throw new Error(`It ended without printing ${pattern}, but:\n${this.output}`);
    return match;
  }

  /**
   * Sends a signal and waits for the end.
   * @param {NodeJS.Signals} [signal]
   */
  async stop(signal = 'SIGTERM') {
    if (!this.ended) this.child.kill(signal);
    return this.exited;
  }
}

/**
 * For specs: waits until a process is gone.
 * @param {number} pid
 */
export async function untilGone(pid) {
  await waitUntil(async () => commandLineOf(pid) === undefined, {
    timeoutMs: 15_000,
    otherwise: () => new Error(`process ${pid} is still there: ${commandLineOf(pid)}`),
  });
}
