import 'reflect-metadata';
import type { EventBody } from '@annals/contract';
import { type EventStore, withRegistry } from '@annals/core';
import { createInMemoryStore } from '@annals/testing';
import { pino } from 'pino';
import { readConfig } from '../config/read-config.ts';
import { loadStateModule } from '../state/load-state-module.ts';
import { StoreConnection } from '../store/store-connection.ts';
import { createGateway } from './create-gateway.ts';
import { shutDown } from './shut-down.ts';

/** An answer, read whole. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Parsed where it is JSON, else undefined. */
  readonly body: unknown;
}

/** The events of an answer that holds some. */
export function eventsOf(answer: Answer): readonly EventBody[] {
  return (answer.body as { readonly events: readonly EventBody[] }).events;
}

/** A gateway on a free loopback port, in front of a store in memory. */
export interface InMemoryGateway {
  readonly url: string;
  readonly store: EventStore;
  readonly logLines: string[];
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
  request(path: string, init: RequestInit): Promise<Answer>;
  /** From now on the gateway is shutting down, though it still listens. */
  drain(): void;
  stop(): Promise<void>;
}

/** What can be different from a gateway as it comes. */
export interface InMemoryGatewayOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Of events as they are stored: the registry of `STATE_MODULE` comes in front of it. */
  readonly store?: EventStore;
  /** Replaces the opening of the store. */
  readonly open?: () => Promise<EventStore>;
}

export async function startInMemoryGateway(options: InMemoryGatewayOptions = {}): Promise<InMemoryGateway> {
  const logLines: string[] = [];
  const logger = pino({ level: 'debug' }, { write: (line: string) => void logLines.push(line) });
  const config = readConfig({ PORT: '0', ...options.env });
  const state = await loadStateModule(config.stateModule);
  const stored = options.store ?? createInMemoryStore();
  const store = state.registry.isEmpty ? stored : withRegistry(stored, state.registry);
  const connection = new StoreConnection(options.open ?? (() => Promise.resolve(store)), { logger });
  const gateway = await createGateway(config, connection, logger, state);
  await gateway.app.listen(0, '127.0.0.1');
  connection.start();
  const { port } = gateway.app.getHttpServer().address() as { port: number };
  const url = `http://127.0.0.1:${port}`;
  const request = (path: string, init: RequestInit): Promise<Answer> => readAnswer(fetch(`${url}${path}`, init));
  return {
    url,
    store,
    logLines,
    request,
    get: (path, headers = {}) => request(path, { headers }),
    post: (path, body, headers = {}) =>
      request(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    drain: () => gateway.readiness.drain(),
    stop: () => shutDown(gateway, connection, 2_000, logger),
  };
}

async function readAnswer(pending: Promise<Response>): Promise<Answer> {
  const response = await pending;
  const text = await response.text();
  const isJson = /^application\/(problem\+)?json/.test(response.headers.get('content-type') ?? '');
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson && text !== '' ? JSON.parse(text) : undefined,
  };
}
