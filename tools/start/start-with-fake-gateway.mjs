// For specs: `npm start` without install and build, with a stand-in for the gateway.
import { fileURLToPath } from 'node:url';
import { REPOSITORY_ROOT } from '../workspace/repository.mjs';
import { runStack } from './run-stack.mjs';
import { readStartSettings } from './settings.mjs';

process.exitCode = await runStack({
  settings: readStartSettings(process.env, REPOSITORY_ROOT),
  root: REPOSITORY_ROOT,
  gatewayArgs: [fileURLToPath(new URL('fake-gateway.mjs', import.meta.url))],
  env: process.env,
  build: async () => {},
  log: console.log,
});
process.exit();
