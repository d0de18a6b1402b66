#!/usr/bin/env node
import './workspace/require-node.mjs';
import { loadEnvFile } from './start/load-env-file.mjs';
import { runStack } from './start/run-stack.mjs';
import { readStartSettings } from './start/settings.mjs';
import { ensureInstalled } from './workspace/install.mjs';
import { buildProject } from './workspace/nx.mjs';
import { REPOSITORY_ROOT } from './workspace/repository.mjs';

try {
  loadEnvFile(REPOSITORY_ROOT);
  const settings = readStartSettings(process.env, REPOSITORY_ROOT);
  await ensureInstalled();
  process.exitCode = await runStack({
    settings,
    root: REPOSITORY_ROOT,
    gatewayArgs: ['--enable-source-maps', 'apps/gateway/dist/main.js'],
    env: { ...process.env, LOG_LEVEL: process.env.LOG_LEVEL || 'warn' },
    build: async () => {
      console.log('Building the gateway');
      await buildProject('gateway');
    },
    log: console.log,
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
process.exit(); // signal handlers would keep an ended start alive
