import { spawn } from 'node:child_process';
import { runCommand } from '../process/run-command.mjs';
import { packageBinary } from './package-binary.mjs';
import { REPOSITORY_ROOT } from './repository.mjs';

/**
 * Runs Nx with its output on this terminal. Ctrl-C reaches it by itself; SIGTERM is passed on.
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv }} [options] added to the environment
 * @returns {Promise<number>} its exit code
 */
export function runNx(args, { env } = {}) {
  const child = spawn(process.execPath, [packageBinary('nx'), ...args], {
    cwd: REPOSITORY_ROOT,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  const wait = () => {};
  const passOn = () => void child.kill('SIGTERM');
  process.on('SIGINT', wait).on('SIGTERM', passOn);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      process.off('SIGINT', wait).off('SIGTERM', passOn);
      resolve(code ?? (signal === 'SIGINT' ? 130 : 143));
    });
  });
}

/** Set where all is built already: programs that tests start must not replace what other tests are running. */
export const BUILT_VARIABLE = 'ANNALS_BUILT';

/**
 * Builds a project and all that it depends on, unless {@link BUILT_VARIABLE} is set; silent unless it fails.
 * @param {string} project
 * @throws {BuildFailed} with what the compiler said
 */
export async function buildProject(project) {
  if (process.env[BUILT_VARIABLE]) return;
  const args = [packageBinary('nx'), 'run', `${project}:build`, '--output-style=static'];
  const result = await runCommand(process.execPath, args, { cwd: REPOSITORY_ROOT, timeoutMs: 600_000 });
  if (result.code !== 0) throw new BuildFailed(project, `${result.stdout}${result.stderr}`.trim());
}

/** The compiler found errors. */
export class BuildFailed extends Error {
  /** @type {'BUILD_FAILED'} */
  code = 'BUILD_FAILED';
  name = 'BuildFailed';

  /**
   * @param {string} project
   * @param {string} output
   */
  constructor(project, output) {
    super(`${project} does not build:\n${output}`);
  }
}
