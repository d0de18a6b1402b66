import 'reflect-metadata';
import { runGateway } from './bootstrap/run-gateway.ts';

// The one place where the gateway touches its process.
await runGateway({
  env: process.env,
  onStopRequest: (listener) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => listener(signal));
  },
  exit: (code) => process.exit(code),
  complain: (text) => process.stderr.write(`${text}\n`),
});
