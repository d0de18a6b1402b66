#!/usr/bin/env node
import './workspace/require-node.mjs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import process from 'node:process';
import { provisionNatsServer } from './nats-server/index.mjs';
import { ensureInstalled } from './workspace/install.mjs';
import { runNx } from './workspace/nx.mjs';
import { REPOSITORY_ROOT } from './workspace/repository.mjs';

/** `npm run test:faults`: its own set-up, then the fault loops of faults/. */
try {
  process.exitCode = await faults(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/**
 * @param {readonly string[]} args of faults/src/main.ts
 * @returns {Promise<number>} exit code
 */
async function faults(args) {
  await ensureInstalled();
  const server = await provisionNatsServer({ log: console.log });
  const built = await runNx(['run', 'faults:build']);
  if (built !== 0) return built;
  const program = path.join(REPOSITORY_ROOT, 'faults', 'dist', 'main.js');
  const child = spawn(process.execPath, ['--enable-source-maps', program, ...args], {
    stdio: 'inherit',
    env: { ...process.env, NATS_SERVER_BINARY: server.path },
  });
  const [code] = await once(child, 'exit');
  return typeof code === 'number' ? code : 1;
}
