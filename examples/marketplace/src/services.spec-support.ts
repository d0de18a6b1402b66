import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type IncomingHttpHeaders, type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { eventually } from '@annals/testing';

const DIST = fileURLToPath(new URL('../dist/', import.meta.url));
const START_MS = 20_000;

/** A built service as a process of its own. */
export class ServiceProcess {
  output = '';
  readonly exited: Promise<number | string>;
  private readonly child: ChildProcess;

  constructor(
    private readonly name: 'users' | 'vendors',
    env: Readonly<Record<string, string>>,
  ) {
    const { NODE_OPTIONS: _jestNeedsThem, ...own } = process.env;
    this.child = spawn(process.execPath, [`${DIST}${name}/main.js`], {
      env: { ...own, LOG_LEVEL: 'warn', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const take = (chunk: Buffer) => void (this.output += chunk.toString());
    this.child.stdout!.on('data', take);
    this.child.stderr!.on('data', take);
    this.exited = new Promise((resolve) => {
      this.child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
    });
  }

  /** Waits until it is ready. */
  async ready(): Promise<void> {
    let ended = false;
    void this.exited.then(() => (ended = true));
    await eventually(() => ended || this.output.includes(`The ${this.name} service is ready`), {
      deadlineMs: START_MS,
    });
    if (ended) throw new Error(`The ${this.name} service ended:\n${this.output}`);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | string> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill(signal);
    return this.exited;
  }
}

/** A mail that was handed in. */
export interface HandedIn {
  readonly headers: IncomingHttpHeaders;
  readonly body: { readonly to: string; readonly subject: string };
  readonly status: number;
}

/** A mail service that answers as it is told. */
export class MailService {
  readonly mails: HandedIn[] = [];
  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  /** @param answer status for the n-th mail, from 1; the mail waits for it */
  static async start(answer: (n: number) => number | Promise<number>): Promise<MailService> {
    let n = 0;
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = JSON.parse(Buffer.concat(chunks).toString()) as HandedIn['body'];
        void Promise.resolve(answer((n += 1))).then((status) => {
          service.mails.push({ headers: request.headers, body, status });
          response.writeHead(status).end();
        });
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const service = new MailService(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}/mails`);
    return service;
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }
}
