import { type IncomingMessage, STATUS_CODES, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { EVENT_BASES, MAX_SOCKET_MESSAGE_BYTES } from '@annals/contract';
import { ValidationError, nameProblem } from '@annals/core';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Readiness } from '../health/readiness.ts';
import { pathOf } from '../http/path-of.ts';
import type { ProblemAnswer } from '../problem/problem-of.ts';
import type { HostCheck } from '../security/host-check.ts';
import type { ConnectionRecorder } from './connection-recorder.ts';
import { goingAway } from './live-clients.ts';
import type { LiveService } from './live-service.ts';
import { serveWithoutUpgrade } from './serve-without-upgrade.ts';
import { SocketClient } from './socket-client.ts';

/** What a gate needs. */
export interface GateSurroundings {
  readonly live: LiveService;
  readonly readiness: Readiness;
  readonly checkHost: HostCheck;
  readonly recorder: ConnectionRecorder | undefined;
  /** What to tell a client of an error; counted and logged. */
  readonly report: (error: unknown, path: string) => ProblemAnswer;
}

/** Who connects, as far as they say. */
interface Caller {
  readonly tenantId: string | undefined;
  readonly userId: string | undefined;
}

const PATHS: readonly string[] = EVENT_BASES.map((base) => `${base}/ws`);
const USER_HEADER = 'x-user-id';
const MAX_USER_CHARACTERS = 256;

/** Lets WebSockets in at `/events/ws`. Requests for other protocols and other paths are served as if they asked for none. */
export class SocketGate {
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_SOCKET_MESSAGE_BYTES,
    perMessageDeflate: false,
    clientTracking: false,
  });

  constructor(private readonly surroundings: GateSurroundings) {}

  /** Takes the upgrades of an HTTP server. */
  attachTo(server: Server): void {
    server.on('upgrade', (request, socket, head) => this.#upgrade(server, request, socket, head));
  }

  #upgrade(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const path = pathOf(request.url);
    const isSocket = request.headers.upgrade?.toLowerCase() === 'websocket' && PATHS.includes(path);
    if (!isSocket) return serveWithoutUpgrade(server, request, socket, head);
    const { live } = this.surroundings;
    try {
      const caller = this.#admit(request);
      const release = live.clients.reserve();
      socket.once('close', release);
      this.#server.handleUpgrade(request, socket, head, (client) => {
        this.#welcome(client, socket, caller, path);
        release();
      });
    } catch (error) {
      refuse(socket, this.surroundings.report(error, path));
    }
  }

  /** @throws HttpProblem, ValidationError */
  #admit({ headers, url = '' }: IncomingMessage): Caller {
    const { live, readiness, checkHost } = this.surroundings;
    checkHost(headers.host);
    if (readiness.isDraining) throw goingAway();
    live.checkOrigin(headers.origin, headers.host);
    return callerOf(new URLSearchParams(url.split('?')[1] ?? ''), headers[USER_HEADER]);
  }

  #welcome(socket: WebSocket, connection: Duplex, { tenantId, userId }: Caller, path: string): void {
    const { live, recorder, report } = this.surroundings;
    const problemOf = (error: unknown) => report(error, path).problem;
    const client = new SocketClient(socket, live, { ...live.config, tenantId, problemOf });
    connection.on('drain', () => client.onDrained());
    const closed = recorder?.connected({ tenantId, userId });
    socket.once('close', (code) => closed?.(code));
    live.clients.add(client);
  }
}

/** @throws ValidationError */
function callerOf(query: URLSearchParams, userHeader: string | string[] | undefined): Caller {
  const errors = [...new Set(query.keys())].flatMap((path) => {
    if (path !== 'tenantId' && path !== 'userId') return [{ path, message: 'is not a parameter of this route' }];
    if (query.getAll(path).length > 1) return [{ path, message: 'must be given once' }];
    const message = path === 'tenantId' ? nameProblem(query.get(path)) : userProblem(query.get(path)!);
    return message === undefined ? [] : [{ path, message }];
  });
  const header = typeof userHeader === 'string' && userProblem(userHeader) === undefined ? userHeader : undefined;
  if (errors.length > 0) throw new ValidationError(errors);
  return { tenantId: query.get('tenantId') ?? undefined, userId: query.get('userId') ?? header };
}

function userProblem(userId: string): string | undefined {
  const fits = userId.length >= 1 && userId.length <= MAX_USER_CHARACTERS;
  return fits ? undefined : `must be a text of 1 to ${MAX_USER_CHARACTERS} characters`;
}

/** Answers on a connection that Node has let go of. */
function refuse(socket: Duplex, { problem, headers }: ProblemAnswer): void {
  const body = JSON.stringify(problem);
  const lines = Object.entries({
    ...headers,
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.on('error', () => socket.destroy());
  socket.end(`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n${lines.join('')}\r\n${body}`);
}
