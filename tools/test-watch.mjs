#!/usr/bin/env node
import './workspace/require-node.mjs';
import { spawn } from 'node:child_process';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { provisionNatsServer } from './nats-server/index.mjs';
import { ensureInstalled } from './workspace/install.mjs';
import { packageBinary } from './workspace/package-binary.mjs';
import { REPOSITORY_ROOT } from './workspace/repository.mjs';
import { projectDirectories } from './workspace/test-results.mjs';

await ensureInstalled();
const { path } = await provisionNatsServer({ log: console.log });
const projects = [];
for (const directory of await projectDirectories(REPOSITORY_ROOT)) {
  const config = join(directory, 'jest.config.mjs');
  if (
    await access(config).then(
      () => true,
      () => false,
    )
  )
    projects.push(config);
}

const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
const child = spawn(
  process.execPath,
  [...flags, packageBinary('jest'), '--watch', '--projects', ...projects, ...process.argv.slice(2)],
  {
    cwd: REPOSITORY_ROOT,
    stdio: 'inherit',
    env: { ...process.env, NATS_SERVER_BINARY: path },
  },
);
process.on('SIGINT', () => {}); // Jest ends the watch by itself
child.on('exit', (code) => (process.exitCode = code ?? 1));
