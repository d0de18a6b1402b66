import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { eventually } from '@annals/testing';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** How a process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The built gateway as a process of its own. */
export interface BuiltGateway {
  /** Empty until it listens. */
  readonly url: string;
  /** All that it wrote so far. */
  readonly output: string;
  readonly ended: Promise<Ending>;
  signal(name: NodeJS.Signals): void;
  /** Ends it in order. */
  stop(): Promise<Ending>;
}

/** Starts the program with this environment and nothing of ours; resolves when it listens, or has ended. */
export async function startBuiltGateway(env: Readonly<Record<string, string>>): Promise<BuiltGateway> {
  const { PATH } = process.env;
  const child: ChildProcess = spawn(process.execPath, [MAIN], { env: { PATH, PORT: '0', ...env } });
  const ended = once(child, 'exit').then(([code, signal]): Ending => ({ code, signal }) as Ending);
  let output = '';
  let hasEnded = false;
  void ended.then(() => void (hasEnded = true));
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (text: Buffer) => (output += text.toString()));
  const gateway = {
    url: '',
    get output() {
      return output;
    },
    ended,
    signal: (name: NodeJS.Signals) => void child.kill(name),
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
  await eventually(() => hasEnded || output.includes('gateway listens'), { deadlineMs: 30_000 });
  gateway.url = /"url":"([^"]+)"/.exec(output)?.[1] ?? '';
  return gateway;
}

/** Waits until the gateway can use its store. */
export async function untilReady({ url }: BuiltGateway): Promise<void> {
  await eventually(async () => (await fetch(`${url}/health/ready`)).ok, { deadlineMs: 30_000 });
}

/** Posts JSON. */
export function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers } };
  return fetch(url, { ...init, body: JSON.stringify(body) });
}

/**
 * Begins a POST: resolves when the gateway has the request in hand and waits for its body.
 *
 * @returns sends the body, resolves to the status
 */
export async function beginPost(url: string): Promise<(body: unknown) => Promise<number>> {
  const headers = { 'content-type': 'application/json', expect: '100-continue' };
  const sent = request(url, { method: 'POST', headers, agent: false });
  sent.flushHeaders();
  await once(sent, 'continue');
  return async (body) => {
    sent.end(JSON.stringify(body));
    const [response] = (await once(sent, 'response')) as [{ statusCode: number; resume(): void }];
    response.resume();
    return response.statusCode;
  };
}

/** True when nobody takes connections there. */
export function isRefused(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', () => resolve(true));
  });
}
