import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { RecordedEvent, ReplayJob, ReplayOutcome, ReplaySinkFactory } from '@annals/core';

export interface Request {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** An endpoint on the loopback interface that notes what it gets. */
export class Endpoint {
  readonly requests: Request[] = [];
  private constructor(private readonly server: Server) {}

  /** @param answer 204 unless given */
  static async start(
    answer: (response: ServerResponse, nth: number, request: Request) => void = (response) =>
      response.writeHead(204).end(),
  ): Promise<Endpoint> {
    const server = createServer((incoming, response) => {
      let body = '';
      incoming.on('data', (text: Buffer) => (body += text.toString()));
      incoming.on('end', () => {
        const { method, url: path, headers } = incoming;
        const request = { method, path, headers, body };
        endpoint.requests.push(request);
        answer(response, endpoint.requests.length, request);
      });
    });
    const endpoint = new Endpoint(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return endpoint;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/hook`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

export function event(sequence: number): RecordedEvent {
  return {
    messageId: `m-${sequence}`,
    type: 'user.created',
    data: { n: sequence },
    timestamp: '2024-01-01T00:00:00Z',
    tenantId: 'default',
    aggregateType: 'user',
    aggregateId: 'u-1',
    version: sequence,
    schemaVersion: 1,
    metadata: { replay: true, replayId: ID },
    position: { stream: 'EVENTS', sequence },
    recordedAt: '2024-01-01T00:00:01Z',
  };
}

export const ID = '01ARZ3NDEKTSV4RRFFQ69G5FAV';

export function job(target: ReplayJob['target'], more: Partial<ReplayJob> = {}): ReplayJob {
  return {
    id: ID,
    state: 'running',
    filter: {},
    target,
    dryRun: false,
    createdAt: '',
    updatedAt: '',
    total: 0,
    delivered: 0,
    failed: 0,
    rate: 0,
    checkpoint: [],
    failures: [],
    ...more,
  };
}

/** Opens the target, hands over events, and closes it. */
export async function deliverTo(
  factory: ReplaySinkFactory,
  target: ReplayJob['target'],
  events: readonly RecordedEvent[],
  signal: AbortSignal = new AbortController().signal,
): Promise<ReplayOutcome[]> {
  const sink = await factory.open(job(target));
  const outcomes: ReplayOutcome[] = [];
  try {
    for await (const outcome of sink.deliver(events, signal)) outcomes.push(outcome);
  } finally {
    await sink.close();
  }
  return outcomes;
}
