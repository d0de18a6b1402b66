#!/usr/bin/env node
import './workspace/require-node.mjs';
import { loadEnvFile } from './start/load-env-file.mjs';
import { ensureInstalled } from './workspace/install.mjs';
import { REPOSITORY_ROOT } from './workspace/repository.mjs';

try {
  loadEnvFile(REPOSITORY_ROOT);
  await ensureInstalled();
  // What these import comes with the installation.
  const { readDemoOptions } = await import('./demo/demo-options.mjs');
  const { runDemo } = await import('./demo/run-demo.mjs');
  process.exitCode = await runDemo(readDemoOptions(process.argv));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
process.exit(); // signal handlers would keep an ended demo alive
