import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { eventually } from '@annals/testing';
import { WebSocket } from 'ws';
import { type InMemoryGateway, startInMemoryGateway } from '../bootstrap/in-memory-gateway.spec-support.ts';
import { curlLines } from '../guide/curl-line.spec-support.ts';
import { SseReader } from './sse-reader.spec-support.ts';

const guide = readFileSync(new URL('../../../../docs/guides/live-streams.md', import.meta.url), 'utf8');
const GATEWAY = 'http://127.0.0.1:3000';

/** What a browser's EventSource does, as far as the guide uses it. */
class EventSourceOfTest {
  static readonly opened: SseReader[] = [];
  onmessage: (event: { data: string; lastEventId: string }) => void = () => {};
  readonly #listeners = new Map<string, (event: { data: string }) => void>();

  constructor(url: string) {
    void this.#read(url);
  }

  addEventListener(name: string, listener: (event: { data: string }) => void): void {
    this.#listeners.set(name, listener);
  }

  async #read(url: string): Promise<void> {
    const reader = await SseReader.open(url);
    EventSourceOfTest.opened.push(reader);
    for (let next = 0; !reader.ended; next++) {
      await eventually(() => reader.messages.length > next || reader.ended);
      const message = reader.messages[next];
      if (!message) return;
      if (message.event === 'message') this.onmessage({ data: message.data, lastEventId: message.id! });
      else this.#listeners.get(message.event)?.(message);
    }
  }
}

describe('docs/guides/live-streams.md', () => {
  let gateway: InMemoryGateway;

  beforeAll(async () => {
    gateway = await startInMemoryGateway();
  });

  afterAll(async () => {
    for (const reader of EventSourceOfTest.opened) reader.close();
    await gateway.stop();
  });

  const [browserScript, socketScript] = [...guide.matchAll(/```js\n([^]*?)```/g)].map(([, code]) => code!);
  const appendUser = () => gateway.store.append({ type: 'user', id: '1' }, { type: 'user.created', data: {} });

  it('has curl lines that do what the text says', async () => {
    const lines = curlLines(guide);
    const readers: [url: string, reader: SseReader][] = [];
    for (const { url, init } of lines) {
      const target = url.replace(GATEWAY, gateway.url);
      if (init.method === 'POST') expect((await fetch(target, init)).status).toBe(201);
      else {
        const headers = Object.fromEntries(init.headers as Headers);
        const reader = await SseReader.open(target, headers);
        await eventually(() => reader.named('caught-up'));
        readers.push([url.replace(GATEWAY, ''), reader]);
      }
    }
    const seen = readers.map(([url, reader]) => [url, reader.response.statusCode, reader.events.length]);
    expect(seen).toEqual([
      ['/events/live?eventTypes=user.*', 200, 1],
      ['/events/live?aggregateType=user&from=beginning', 200, 1],
      ['/events/live?recordedFrom=2024-01-01T00:00:00Z', 200, 1],
      ['/events/live', 200, 0],
    ]);
    for (const [, reader] of readers) reader.close();
  });

  it('has a script for browsers that gets events by EventSource', async () => {
    const shown: unknown[][] = [];
    await appendUser();
    run(browserScript!, { EventSource: EventSourceOfTest, show: (...args: unknown[]) => shown.push(args) });
    await eventually(() => shown.some(([first]) => first === 'everything so far'));
    expect(shown[0]).toEqual([expect.objectContaining({ type: 'user.created' }), expect.stringMatching(/^\w+:\d+$/)]);
    await appendUser();
    await eventually(() => shown.at(-1)?.[0] !== 'everything so far');
  });

  it('has a script that gets events over a WebSocket', async () => {
    const shown: unknown[][] = [];
    const sockets: WebSocket[] = [];
    class SocketOfTest extends WebSocket {
      constructor(url: string) {
        super(url);
        sockets.push(this);
      }
    }
    run(socketScript!, { WebSocket: SocketOfTest, show: (...args: unknown[]) => shown.push(args) });
    await eventually(() => shown.length > 0);
    expect(shown[0]).toEqual(['users', expect.objectContaining({ aggregateType: 'user' }), expect.any(String)]);
    for (const socket of sockets) socket.terminate();
  });

  /** Runs a script of the guide with what it takes from its surroundings. */
  function run(code: string, surroundings: Record<string, unknown>): void {
    const here = code.replaceAll('127.0.0.1:3000', gateway.url.slice('http://'.length));
    runInNewContext(here, { JSON, ...surroundings });
  }
});
