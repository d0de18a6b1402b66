import { spawn } from 'node:child_process';
import { access, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { findFreePort } from '@annals/tools/nats-server';
import { guardAgainstOrphan } from '@annals/tools/process';

/** The built gateway of this checkout. */
const GATEWAY_PROGRAM = fileURLToPath(new URL('../../../apps/gateway/dist/main.js', import.meta.url));

const START_DEADLINE_MS = 30_000;
const STOP_DEADLINE_MS = 15_000;
const LOOK_MS = 50;

/** A gateway on loopback. */
export interface GatewayProcess {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Why there is no gateway to start; undefined when there is one. `npm run bench` tells when it could not build it. */
export async function whyNoGateway(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  if (env.ANNALS_BENCH_WITHOUT_GATEWAY) return 'the gateway could not be built';
  return access(GATEWAY_PROGRAM).then(
    () => undefined,
    () => `the gateway is not built: there is no ${GATEWAY_PROGRAM}`,
  );
}

/** Starts the gateway as `npm start` does; resolves when it is ready to serve. */
export async function startGateway(natsUrls: readonly string[], logDir: string): Promise<GatewayProcess> {
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const logFile = join(logDir, 'gateway.log');
  const log = await open(logFile, 'a');
  const child = spawn(process.execPath, ['--enable-source-maps', GATEWAY_PROGRAM], {
    env: {
      PATH: process.env.PATH,
      HOST: '127.0.0.1',
      PORT: String(port),
      NATS_URL: natsUrls.join(','),
      LOG_LEVEL: 'warn',
    },
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  await log.close();
  const guard = child.pid === undefined ? undefined : guardAgainstOrphan(child.pid);
  const exited = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });
  void exited.then(() => guard?.release());
  const stop = async () => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
    await exited;
    clearTimeout(timer);
  };
  const isGone = () => child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
  if (!(await becomesReady(url, isGone))) {
    await stop();
    const tail = (await readFile(logFile, 'utf8')).split('\n').slice(-10).join('\n');
    throw new Error(`The gateway was not ready within ${START_DEADLINE_MS} ms.\n${tail}`);
  }
  return { url, pid: child.pid!, stop };
}

async function becomesReady(url: string, isGone: () => boolean): Promise<boolean> {
  const endsAt = performance.now() + START_DEADLINE_MS;
  while (performance.now() < endsAt && !isGone()) {
    const response = await fetch(`${url}/health/ready`).catch(() => undefined);
    await response?.arrayBuffer();
    if (response?.ok) return true;
    await delay(LOOK_MS);
  }
  return false;
}
