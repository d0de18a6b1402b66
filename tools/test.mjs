#!/usr/bin/env node
import './workspace/require-node.mjs';
import { provisionNatsServer } from './nats-server/index.mjs';
import { ensureInstalled } from './workspace/install.mjs';
import { BUILT_VARIABLE, runNx } from './workspace/nx.mjs';
import { REPOSITORY_ROOT } from './workspace/repository.mjs';
import { discardTestResults, readTestResults, summaryLine } from './workspace/test-results.mjs';

/** Each project's Jest has workers of its own, so two projects at a time keep a small machine busy. */
const PARALLEL_PROJECTS = 2;

try {
  process.exitCode = await test(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/**
 * @param {readonly string[]} args for Nx (`--projects=core`) and Jest (`--testNamePattern=…`)
 * @returns {Promise<number>} exit code
 */
async function test(args) {
  await ensureInstalled();
  const server = await provisionNatsServer({ log: console.log });
  console.log(`Testing with nats-server ${server.version} (${server.path})`);
  await discardTestResults(REPOSITORY_ROOT);
  // First and once: Nx puts outputs back from its cache by replacing them, also under a program that is running from them.
  const built = await runNx(['run-many', '-t', 'build', '--output-style=static']);
  if (built !== 0) return built;
  const parallel = args.some((arg) => arg.startsWith('--parallel')) ? [] : [`--parallel=${PARALLEL_PROJECTS}`];
  const exitCode = await runNx(['run-many', '-t', 'test', '--excludeTaskDependencies', ...parallel, ...args], {
    env: { NATS_SERVER_BINARY: server.path, [BUILT_VARIABLE]: '1' },
  });
  const counts = await readTestResults(REPOSITORY_ROOT);
  if (counts.passed + counts.failed === 0) {
    console.error('No test was executed.');
  } else if (exitCode !== 0 && counts.failed === 0) {
    console.error('A project failed outside of its tests; its output is above.');
  }
  // What failed without a test to blame must not be closed with "0 failed".
  if (counts.failed === 0 && (exitCode !== 0 || counts.passed === 0)) counts.failed = 1;
  console.log(summaryLine(counts));
  return exitCode || (counts.failed > 0 ? 1 : 0);
}
