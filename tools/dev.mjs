#!/usr/bin/env node
import './workspace/require-node.mjs';
import { join, relative } from 'node:path';
import { loadEnvFile } from './start/load-env-file.mjs';
import { oneAtATime } from './process/one-at-a-time.mjs';
import { runStack } from './start/run-stack.mjs';
import { readStartSettings } from './start/settings.mjs';
import { ensureInstalled } from './workspace/install.mjs';
import { buildProject } from './workspace/nx.mjs';
import { REPOSITORY_ROOT } from './workspace/repository.mjs';
/** @import { Stack } from './start/stack.mjs' */

try {
  loadEnvFile(REPOSITORY_ROOT);
  const settings = readStartSettings(process.env, REPOSITORY_ROOT);
  await ensureInstalled();
  process.exitCode = await runStack(
    {
      settings,
      root: REPOSITORY_ROOT,
      gatewayArgs: ['--enable-source-maps', 'apps/gateway/dist/main.js'],
      env: process.env,
      build: () => buildProject('gateway'),
      log: console.log,
      gatewayMayDie: true,
    },
    (stack) => void restartOnChange(stack),
  );
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
process.exit(); // the watcher would keep an ended run alive

/**
 * Builds and restarts the gateway when a source changes; nats-server goes on. A build that fails leaves the old
 * gateway running.
 * @param {Stack} stack
 */
async function restartOnChange(stack) {
  const { watch } = await import('chokidar'); // only there once dependencies are installed
  const sources = ['libs', 'apps/gateway'].map((folder) => join(REPOSITORY_ROOT, folder));
  const rebuild = oneAtATime(async () => {
    try {
      await buildProject('gateway');
      await stack.restartGateway();
      console.log(`Annals is ready on ${stack.url}`);
    } catch (error) {
      console.error(error instanceof Error ? error.message : error);
      console.log('Waiting for the next change');
    }
  });
  watch(sources, {
    ignoreInitial: true,
    ignored: (path) => /[\\/](dist|node_modules|coverage)([\\/]|$)|\.test\.ts$|test-results\.json$/.test(path),
  }).on('all', (_event, path) => {
    if (!/\.(ts|json)$/.test(path)) return;
    console.log(`${relative(REPOSITORY_ROOT, path)} changed`);
    void rebuild();
  });
}
