import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { discardTestResults, readTestResults, summaryLine } from './test-results.mjs';

/** @type {string} */
let root;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'annals-results-'));
  await writeFile(join(root, 'package.json'), JSON.stringify({ workspaces: ['libs/*', 'apps/*', 'tools'] }));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/**
 * @param {string} folder
 * @param {Partial<Record<string, number>>} counts
 */
async function addResult(folder, counts) {
  await mkdir(join(root, folder), { recursive: true });
  const none = {
    numPassedTests: 0,
    numFailedTests: 0,
    numRuntimeErrorTestSuites: 0,
    numPendingTests: 0,
    numTodoTests: 0,
  };
  await writeFile(join(root, folder, 'test-results.json'), JSON.stringify({ ...none, ...counts }));
}

describe('the count of tests', () => {
  test('adds up all projects, those without results too', async () => {
    await addResult('libs/core', { numPassedTests: 5, numPendingTests: 1 });
    await addResult('tools', { numPassedTests: 2, numFailedTests: 1 });
    await mkdir(join(root, 'libs', 'untested'));
    expect(await readTestResults(root)).toEqual({ passed: 7, failed: 1, skipped: 1 });
  });

  test('counts a file that does not load as failed', async () => {
    await addResult('libs/core', { numPassedTests: 5, numRuntimeErrorTestSuites: 1 });
    expect(await readTestResults(root)).toMatchObject({ failed: 1 });
  });

  test('forgets the results of earlier runs', async () => {
    await addResult('libs/core', { numPassedTests: 5 });
    await discardTestResults(root);
    expect(await readTestResults(root)).toEqual({ passed: 0, failed: 0, skipped: 0 });
  });

  test('is printed in one plain line', () => {
    expect(summaryLine({ passed: 12, failed: 0, skipped: 0 })).toBe('12 passed, 0 failed');
    expect(summaryLine({ passed: 12, failed: 1, skipped: 3 })).toBe('12 passed, 1 failed, 3 skipped');
  });
});
