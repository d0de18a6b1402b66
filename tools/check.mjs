#!/usr/bin/env node
import './workspace/require-node.mjs';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ensureInstalled } from './workspace/install.mjs';
import { runNx } from './workspace/nx.mjs';
import { packageBinary } from './workspace/package-binary.mjs';
import { REPOSITORY_ROOT } from './workspace/repository.mjs';

/** @type {Record<string, () => Promise<number>>} */
const STEPS = {
  format: () => runNode([packageBinary('prettier'), '--check', '--log-level=warn', '.']),
  lint: () => runNx(['run-many', '-t', 'lint']),
  typecheck: () => runNx(['run-many', '-t', 'typecheck']),
  build: () => runNx(['run-many', '-t', 'build']),
  test: () => runNode([join(REPOSITORY_ROOT, 'tools', 'test.mjs')]),
};

try {
  process.exitCode = await check(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/**
 * Runs all steps, also after one failed, so that one run shows everything.
 * @param {readonly string[]} args `--without <step>` leaves a step out
 * @returns {Promise<number>} exit code
 */
async function check(args) {
  const left = args.flatMap((arg, index) => (arg === '--without' ? [args[index + 1]] : []));
  await ensureInstalled();
  /** @type {string[]} */
  const summary = [];
  let failures = 0;
  for (const [name, run] of Object.entries(STEPS)) {
    if (left.includes(name)) continue;
    console.log(`\n== ${name}`);
    const startedAt = performance.now();
    const passed = (await run()) === 0;
    if (!passed) failures += 1;
    summary.push(`${passed ? 'ok    ' : 'FAILED'}  ${name} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`);
  }
  console.log(`\n${summary.join('\n')}`);
  return failures === 0 ? 0 : 1;
}

/**
 * @param {readonly string[]} args
 * @returns {Promise<number>}
 */
function runNode(args) {
  const child = spawn(process.execPath, [...args], { cwd: REPOSITORY_ROOT, stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}
