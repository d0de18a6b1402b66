import { spawn } from 'node:child_process';

/**
 * Stops a process when this one ends, even by SIGKILL: a shell waits on a pipe that only this process holds open.
 * It waits in a process group of its own, so Ctrl-C in the terminal does not end it first.
 * @param {number} pid
 * @returns {{ release: () => void }} `release` it as soon as the process is gone, before its id can be used again
 */
export function guardAgainstOrphan(pid) {
  if (process.platform === 'win32') return guardByExitEvent(pid);
  const guard = spawn('/bin/sh', ['-c', 'read -r _; kill -TERM "$0"', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guard.on('error', () => {});
  guard.stdin.on('error', () => {});
  guard.unref();
  /** @type {import('node:net').Socket} */ (guard.stdin).unref();
  return { release: () => void guard.kill('SIGKILL') };
}

/**
 * Where there is no shell: covers an ordinary exit, not a kill.
 * @param {number} pid
 */
function guardByExitEvent(pid) {
  const end = () => {
    try {
      process.kill(pid);
    } catch {
      // It is gone already.
    }
  };
  process.once('exit', end);
  return { release: () => void process.removeListener('exit', end) };
}
