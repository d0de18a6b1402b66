import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { REPOSITORY_ROOT } from './repository.mjs';

/** @typedef {{ version?: string, integrity?: string, link?: boolean, optional?: boolean, devOptional?: boolean, peer?: boolean }} LockedPackage */

/**
 * Runs `npm ci` when what is installed is not what package-lock.json says.
 * @param {{ log?: (line: string) => void }} [options]
 * @throws {InstallFailed}
 */
export async function ensureInstalled({ log = console.log } = {}) {
  const reason = await whyToInstall(REPOSITORY_ROOT);
  if (reason === undefined) return;
  log(`Installing dependencies (${reason})`);
  const code = await runNpm(['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  if (code !== 0) throw new InstallFailed(code);
}

/**
 * Compares contents, not dates: a checkout touches the lock without changing it, and npm writes both files at once.
 * @param {string} root
 * @returns {Promise<string | undefined>} undefined when nothing is missing
 */
export async function whyToInstall(root) {
  const wanted = await readLock(join(root, 'package-lock.json'));
  const installed = await readLock(join(root, 'node_modules', '.package-lock.json'));
  if (!wanted) return undefined;
  if (!installed) return 'there is no node_modules yet';
  for (const [path, entry] of Object.entries(wanted)) {
    const isInstalledPackage = path.startsWith('node_modules/') || path.includes('/node_modules/');
    if (!isInstalledPackage || entry.optional || entry.devOptional) continue;
    const found = installed[path];
    if (!found) return `${path} is missing`;
    if (found.version !== entry.version || found.integrity !== entry.integrity) {
      return `${path} is not the version in package-lock.json`;
    }
  }
  return undefined;
}

/**
 * @param {string} file
 * @returns {Promise<Record<string, LockedPackage> | undefined>}
 */
async function readLock(file) {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text).packages;
}

/**
 * @param {readonly string[]} args
 * @returns {Promise<number>}
 */
function runNpm(args) {
  // Under `npm start` npm tells where it is, which also works where `npm` is a shell script that cannot be spawned.
  const npm = process.env.npm_execpath;
  const child = npm?.endsWith('.js')
    ? spawn(process.execPath, [npm, ...args], { cwd: REPOSITORY_ROOT, stdio: 'inherit' })
    : spawn('npm', [...args], { cwd: REPOSITORY_ROOT, stdio: 'inherit', shell: process.platform === 'win32' });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

/** `npm ci` did not succeed; what it printed says why. */
export class InstallFailed extends Error {
  /** @type {'INSTALL_FAILED'} */
  code = 'INSTALL_FAILED';
  name = 'InstallFailed';

  /** @param {number} exitCode */
  constructor(exitCode) {
    super(`npm ci failed with exit code ${exitCode}; its output above says why. Mend that, or run npm ci by hand.`);
  }
}
