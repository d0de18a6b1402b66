import { spawn } from 'node:child_process';
/** @import { CommandResult, RunOptions } from '../nats-server/index.mjs' */

/**
 * Runs a program to its end and gives what it printed. Never rejects: a program that cannot be started has code -1.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<CommandResult>}
 */
export function runCommand(command, args, { cwd, env = process.env, timeoutMs = 60_000 } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, [...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    // Not spawn's own timeout: it goes on running, and keeps the process alive, when the program could not be started.
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    let stdout = '';
    let stderr = '';
    const finish = (/** @type {number} */ code, complaint = '') => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr: stderr + complaint });
    };
    child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
    child.on('error', (error) => finish(-1, error.message));
    child.on('close', (code, signal) => finish(code ?? -1, signal ? `ended by ${signal}` : ''));
  });
}
