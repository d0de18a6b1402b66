#!/usr/bin/env node
import './workspace/require-node.mjs';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { provisionNatsServer } from './nats-server/index.mjs';
import { ensureInstalled } from './workspace/install.mjs';
import { buildProject } from './workspace/nx.mjs';
import { REPOSITORY_ROOT } from './workspace/repository.mjs';

const PROGRAM = join(REPOSITORY_ROOT, 'benchmarks', 'dist', 'main.js');

/** With one of these nothing is measured. */
const WITHOUT_SERVERS = ['--report', '--list', '--help', '-h'];

try {
  process.exitCode = await bench(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/**
 * Prepares what the benchmark needs and runs it; what is measured are the built libraries, as a service would run them.
 * @param {readonly string[]} args
 * @returns {Promise<number>} exit code
 */
async function bench(args) {
  await ensureInstalled();
  console.log('Building what is measured');
  await buildProject('benchmarks');
  if (args.some((arg) => WITHOUT_SERVERS.includes(arg))) return runProgram(args, {});
  const gateway = await buildGateway();
  const server = await provisionNatsServer({ log: console.log });
  console.log(`Measuring with nats-server ${server.version} (${server.path})`);
  return runProgram(args, { NATS_SERVER_BINARY: server.path, ...(!gateway && { ANNALS_BENCH_WITHOUT_GATEWAY: '1' }) });
}

/**
 * A gateway that does not build is left out, and the benchmark says so: an older build would give figures of other code.
 * @returns {Promise<boolean>}
 */
async function buildGateway() {
  try {
    await buildProject('gateway');
    return true;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    console.error('The gateway does not build: what measures it is SKIPPED.');
    return false;
  }
}

/**
 * Ctrl-C reaches the program by itself; it needs a moment to stop its servers.
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<number>}
 */
function runProgram(args, env) {
  const child = spawn(process.execPath, ['--enable-source-maps', PROGRAM, ...args], {
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => void child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}
