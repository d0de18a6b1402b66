import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Jest's JSON result in each project; Nx restores it with a cached test run, so cached tests count too. */
export const RESULTS_FILE = 'test-results.json';

/** @typedef {{ passed: number, failed: number, skipped: number }} TestCounts */

/**
 * Removes the results of earlier runs, so that only this run counts.
 * @param {string} root
 */
export async function discardTestResults(root) {
  for (const directory of await projectDirectories(root)) await rm(join(directory, RESULTS_FILE), { force: true });
}

/**
 * Adds up the results of all projects.
 * @param {string} root
 * @returns {Promise<TestCounts>}
 */
export async function readTestResults(root) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const directory of await projectDirectories(root)) {
    const text = await readFile(join(directory, RESULTS_FILE), 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    const result = JSON.parse(text);
    counts.passed += result.numPassedTests;
    // A file that does not even load has no tests to fail.
    counts.failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
    counts.skipped += result.numPendingTests + result.numTodoTests;
  }
  return counts;
}

/**
 * The line that closes a test run.
 * @param {TestCounts} counts
 */
export function summaryLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/**
 * The folders that package.json names as workspaces.
 * @param {string} root
 * @returns {Promise<string[]>}
 */
export async function projectDirectories(root) {
  /** @type {{ workspaces: string[] }} */
  const { workspaces } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const directories = [];
  for (const workspace of workspaces) {
    if (!workspace.endsWith('/*')) {
      directories.push(join(root, workspace));
      continue;
    }
    const parent = join(root, workspace.slice(0, -2));
    const entries = await readdir(parent, { withFileTypes: true }).catch(() => []);
    directories.push(...entries.filter((entry) => entry.isDirectory()).map((entry) => join(parent, entry.name)));
  }
  return directories;
}
