#!/usr/bin/env node
import './workspace/require-node.mjs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { loadEnvFile } from './start/load-env-file.mjs';
import { ensureInstalled } from './workspace/install.mjs';
import { REPOSITORY_ROOT } from './workspace/repository.mjs';

try {
  loadEnvFile(REPOSITORY_ROOT);
  await ensureInstalled();
  // What this imports comes with the installation.
  const { buildProject } = await import('./workspace/nx.mjs');
  await buildProject('gateway');
  const program = join(REPOSITORY_ROOT, 'apps/gateway/dist/schema-versions.js');
  const command = spawn(process.execPath, ['--enable-source-maps', program, ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  const [code] = await once(command, 'exit');
  process.exitCode = code ?? 2;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
