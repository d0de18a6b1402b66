import type { ServerResponse } from 'node:http';
import { eventually } from '@annals/testing';
import { AnnalsClient, type LiveEvent } from '../index.ts';
import { type ScriptedServer, json, startScriptedServer } from '../scripted-server.spec-support.ts';
import { type SseMessage, SseParser } from './read-sse.ts';

describe('SseParser', () => {
  const parse = (...pieces: string[]): SseMessage[] => {
    const parser = new SseParser();
    return pieces.flatMap((piece) => [...parser.take(piece)]);
  };
  const text = 'retry: 10\nid: A:1\n\nid: A:2\nevent: x\ndata: 1\ndata:2\n\n:\n\ndata\n\n';
  const messages = [
    { event: 'message', id: 'A:1', data: undefined, retryMs: 10 },
    { event: 'x', id: 'A:2', data: '1\n2', retryMs: undefined },
    { event: 'message', id: undefined, data: undefined, retryMs: undefined },
    { event: 'message', id: undefined, data: '', retryMs: undefined },
  ];

  it.each(['\n', '\r\n', '\r'])('reads messages with lines that end in %j, in pieces of every size', (end) => {
    const whole = text.replaceAll('\n', end);
    // A \r at the very end may be half of a line end still.
    for (let size = 1; size <= whole.length; size++) {
      const pieces = whole.match(new RegExp(`[^]{1,${size}}`, 'g'))!;
      expect(parse(...pieces, ':')).toEqual(messages);
    }
  });

  it('keeps half a message for later', () => {
    expect(parse('data: 1\n')).toEqual([]);
  });
});

describe('client.live', () => {
  let server: ScriptedServer;
  let client: AnnalsClient;

  beforeEach(async () => {
    server = await startScriptedServer();
    client = new AnnalsClient({ baseUrl: server.url, tenantId: 'acme' });
  });

  afterEach(() => server.stop());

  const stream = (response: ServerResponse): ServerResponse => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('retry: 5\n\n');
    return response;
  };
  const event = (n: number) => `id: A:${n}\ndata: {"id":"${n}"}\n\n`;
  const take = async (events: AsyncIterable<LiveEvent>, count: number): Promise<string[]> => {
    const ids: string[] = [];
    for await (const { event: found, cursor } of events) {
      expect(cursor).toBe(`A:${found.id}`);
      if (ids.push(found.id) === count) break;
    }
    return ids;
  };
  const problem = (status: number, code: string) => ({ type: `urn:${code}`, title: 't', status, code, detail: 'd' });

  it('asks for what is wanted, and goes on behind the last event when the connection is lost', async () => {
    const interrupted: unknown[] = [];
    const answers: ((response: ServerResponse) => void)[] = [
      (response) => stream(response).end(event(1) + event(2)),
      (response) => void stream(response).write(event(3), () => response.destroy()),
      json(503, problem(503, 'store-unavailable')),
      (response) => stream(response).end(`event: problem\ndata: ${JSON.stringify(problem(503, 'shutting-down'))}\n\n`),
      (response) => void stream(response).write(event(4)),
    ];
    server.answer = (response) => answers.shift()!(response);
    const events = client.live(
      { eventTypes: ['a', 'b'], from: 'beginning' },
      { onInterrupted: (reason) => interrupted.push(reason) },
    );
    expect(await take(events, 4)).toEqual(['1', '2', '3', '4']);
    expect(server.received.map(({ headers }) => headers['last-event-id'])).toEqual([
      undefined,
      'A:2',
      'A:3',
      'A:3',
      'A:3',
    ]);
    expect(server.received[0]!.url).toBe('/events/live?eventTypes=a%2Cb&from=beginning&tenantId=acme');
    expect(interrupted).toHaveLength(4);
  });

  it('goes on from the place it was told at the start where no event came', async () => {
    const answers: ((response: ServerResponse) => void)[] = [
      (response) => stream(response).end('id: A:7\n\n'),
      (response) => void stream(response).write(event(8)),
    ];
    server.answer = (response) => answers.shift()!(response);
    expect(await take(client.live(), 1)).toEqual(['8']);
    expect(server.received[1]!.headers['last-event-id']).toBe('A:7');
  });

  it('says once that it has caught up', async () => {
    const caughtUp: string[] = [];
    const text = `${event(1)}event: caught-up\nid: A:1\ndata: {"cursor":"A:1"}\n\n`;
    server.answer = (response) => stream(response).end(text);
    await take(client.live({}, { onCaughtUp: (cursor) => caughtUp.push(cursor) }), 3);
    expect(caughtUp).toEqual(['A:1']);
  });

  it('throws what the first connection is refused with', async () => {
    server.answer = json(503, problem(503, 'too-many-live-clients'));
    await expect(take(client.live(), 1)).rejects.toMatchObject({ code: 'too-many-live-clients' });
    server.answer = json(200, {});
    await expect(take(client.live(), 1)).rejects.toMatchObject({ name: 'UnexpectedAnswer' });
    await server.stop();
    await expect(take(client.live(), 1)).rejects.toMatchObject({ name: 'GatewayUnreachable' });
  });

  it('throws a problem that would come again', async () => {
    const text = `${event(1)}event: problem\ndata: ${JSON.stringify(problem(500, 'corrupt-event'))}\n\n`;
    server.answer = (response) => stream(response).end(text);
    await expect(take(client.live(), 2)).rejects.toMatchObject({ code: 'corrupt-event' });
    expect(server.received).toHaveLength(1);
  });

  it('takes a connection that is silent for lost', async () => {
    const answers: ((response: ServerResponse) => void)[] = [
      (response) => void stream(response).write(event(1)),
      (response) => void stream(response).write(event(2)),
    ];
    server.answer = (response) => answers.shift()!(response);
    expect(await take(client.live({}, { silenceTimeoutMs: 100 }), 2)).toEqual(['1', '2']);
  });

  it.each<[when: string, answer: (response: ServerResponse) => unknown]>([
    ['waits', (response) => stream(response)],
    ['pauses', (response) => stream(response).end('retry: 60000\n\n')],
  ])('ends with the reason of its signal while it %s', async (when, answer) => {
    server.answer = answer;
    const reason = new Error('enough');
    const controller = new AbortController();
    const stop = () => controller.abort(reason);
    const events = client.live({}, { signal: controller.signal, ...(when === 'pauses' && { onInterrupted: stop }) });
    const ended = take(events, 1);
    if (when === 'waits') void eventually(() => server.received.length === 1).then(stop);
    await expect(ended).rejects.toBe(reason);
  });
});
