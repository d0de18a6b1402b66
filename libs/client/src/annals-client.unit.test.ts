import type { ServerResponse } from 'node:http';
import type { Problem } from '@annals/contract';
import { AnnalsClient, isProblemError } from './index.ts';
import { type ScriptedServer, json, startScriptedServer } from './scripted-server.spec-support.ts';

const PROBLEM: Problem = {
  type: 'urn:annals:problem:concurrency-conflict',
  title: 'The aggregate is at another version than expected',
  status: 409,
  code: 'concurrency-conflict',
  detail: 'default/user/u1 is at version 3, expected was 2',
  instance: '/events',
  expectedVersion: 2,
  actualVersion: 3,
};

describe('the client', () => {
  let server: ScriptedServer;
  let client: AnnalsClient;

  beforeEach(async () => {
    server = await startScriptedServer();
    client = new AnnalsClient({ baseUrl: `${server.url}/` });
  });

  afterEach(() => server.stop());

  const last = () => server.received.at(-1)!;

  describe('appending', () => {
    const event = { type: 'user.created', data: { name: 'Ada' }, aggregateType: 'user', aggregateId: 'u1' };

    it('posts one event by itself and several as a list', async () => {
      server.answer = json(201, { events: [{ id: '1' }] });
      expect(await client.append(event)).toEqual({ events: [{ id: '1' }], repeated: false });
      expect(last()).toMatchObject({ method: 'POST', url: '/events', body: event });
      expect(last().headers['content-type']).toBe('application/json');
      await client.append([event]);
      expect(last().body).toEqual({ events: [event] });
    });

    it('sends preconditions, key and tenant, and nothing of them that is not given', async () => {
      server.answer = json(200, { events: [] });
      const outcome = await client.append(event, { ifMatch: 3, idempotencyKey: 'k', tenantId: 'acme' });
      expect(outcome.repeated).toBe(true);
      expect(last()).toMatchObject({
        url: '/events?tenantId=acme',
        headers: { 'if-match': '"3"', 'idempotency-key': 'k' },
      });
      await client.append(event, { ifMatch: '*' });
      expect(last().headers['if-match']).toBe('*');
      await client.append(event, { ifNoneMatch: '*' });
      expect(last().headers).toMatchObject({ 'if-none-match': '*' });
      for (const name of ['if-match', 'idempotency-key']) expect(last().headers).not.toHaveProperty(name);
    });
  });

  describe('reading', () => {
    it('writes criteria into the query, lists by commas', async () => {
      await client.history({ aggregateId: 'a b/c', eventTypes: ['x', 'y.*'], fromVersion: 2, order: 'desc' });
      expect(last().url).toBe('/events/history?aggregateId=a+b%2Fc&eventTypes=x%2Cy.*&fromVersion=2&order=desc');
      await client.replay();
      expect(last().url).toBe('/events/replay');
      await client.aggregate({ aggregateId: 'u1' });
      expect(last().url).toBe('/events/aggregate?aggregateId=u1');
      await client.stats({ tenantId: 'acme' });
      expect(last().url).toBe('/events/stats?tenantId=acme');
    });

    it('posts criteria for replayByBody, and the point for reconstruct', async () => {
      await client.replayByBody({ streamId: 's', eventTypes: ['a'] });
      expect(last()).toMatchObject({
        method: 'POST',
        url: '/events/replay',
        body: { streamId: 's', eventTypes: ['a'] },
      });
      await client.reconstruct('a/b', { type: 'user', toVersion: 3 });
      expect(last()).toMatchObject({ url: '/events/streams/a%2Fb/reconstruct?type=user', body: { toVersion: 3 } });
    });

    it('adds its tenant and headers where a call names none', async () => {
      const ours = new AnnalsClient({ baseUrl: server.url, tenantId: 'acme', headers: { authorization: 'Bearer t' } });
      await ours.history();
      expect(last()).toMatchObject({ url: '/events/history?tenantId=acme', headers: { authorization: 'Bearer t' } });
      await ours.history({ tenantId: 'other' });
      expect(last().url).toBe('/events/history?tenantId=other');
      await ours.replayByBody({});
      expect(last().body).toEqual({ tenantId: 'acme' });
    });

    it('tells by 304 that an aggregate is at the version known', async () => {
      server.answer = (response) => void response.writeHead(304).end();
      expect(await client.aggregateIfNewer({ aggregateId: 'u1' }, 5)).toBeUndefined();
      expect(last().headers['if-none-match']).toBe('"5"');
      server.answer = json(200, { version: 6 });
      expect(await client.aggregateIfNewer({ aggregateId: 'u1' }, 5)).toEqual({ version: 6 });
    });

    it('goes from page to page until there is none left', async () => {
      const cursors = ['c1', 'c2', null];
      server.answer = (response) => json(200, { events: [], nextCursor: cursors.shift() })(response);
      const pages: unknown[] = [];
      for await (const page of client.historyPages({ aggregateId: 'u1' })) pages.push(page);
      expect(pages).toHaveLength(3);
      expect(server.received.map(({ url }) => url)).toEqual([
        '/events/history?aggregateId=u1',
        '/events/history?aggregateId=u1&cursor=c1',
        '/events/history?aggregateId=u1&cursor=c2',
      ]);
    });
  });

  describe('failing', () => {
    it('throws a problem with its code, details and the time to wait', async () => {
      server.answer = json(409, PROBLEM);
      await expect(client.stats()).rejects.toMatchObject({
        name: 'ProblemError',
        message: PROBLEM.detail,
        code: 'concurrency-conflict',
        status: 409,
        problem: { actualVersion: 3 },
        retryable: false,
      });
      server.answer = json(503, { ...PROBLEM, status: 503, code: 'overloaded' }, { 'retry-after': '2' });
      const error: unknown = await client.stats().catch((e: unknown) => e);
      expect(error).toMatchObject({ retryable: true, retryAfterMs: 2_000 });
      expect(isProblemError(error)).toBe(true);
      expect(isProblemError(error, 'overloaded')).toBe(true);
      expect(isProblemError(error, 'not-found')).toBe(false);
      expect(isProblemError(new Error('other'))).toBe(false);
    });

    it('throws UnexpectedAnswer for what no gateway says', async () => {
      server.answer = (response) => void response.writeHead(502).end('<html>Bad Gateway</html>');
      await expect(client.stats()).rejects.toMatchObject({
        name: 'UnexpectedAnswer',
        status: 502,
        excerpt: '<html>Bad Gateway</html>',
      });
      server.answer = (response) => void response.end('hello');
      await expect(client.stats()).rejects.toMatchObject({ name: 'UnexpectedAnswer', status: 200 });
    });

    it('throws GatewayUnreachable where nobody listens, and where the answer breaks', async () => {
      server.answer = (response) => {
        response.writeHead(200, { 'content-length': '100' }).write('{');
        setImmediate(() => response.destroy());
      };
      await expect(client.stats()).rejects.toMatchObject({ name: 'GatewayUnreachable', retryable: true });
      await server.stop();
      await expect(client.stats()).rejects.toThrow(/^GET http:.*\/events\/stats got no answer: .*ECONNREFUSED/);
      server = await startScriptedServer();
    });

    it("throws the signal's reason when it is ended", async () => {
      server.answer = () => {};
      const controller = new AbortController();
      const call = client.stats({}, { signal: controller.signal });
      controller.abort(new Error('enough'));
      await expect(call).rejects.toThrow('enough');
    });
  });

  describe('streaming', () => {
    const collect = async (events: AsyncIterable<unknown>): Promise<unknown[]> => {
      const found: unknown[] = [];
      for await (const event of events) found.push(event);
      return found;
    };

    /** Writes pieces one after the other, each in a packet of its own. */
    const pieces =
      (...parts: (string | Uint8Array)[]) =>
      (response: ServerResponse): void => {
        response.writeHead(200, { 'content-type': 'application/x-ndjson' });
        const next = (): void => {
          const part = parts.shift();
          if (part === undefined) response.end();
          else response.write(part, () => setImmediate(next));
        };
        next();
      };

    it('delivers events however their bytes are cut', async () => {
      const text = Buffer.from('{"id":"1","data":"ü"}\n{"id":"2"}\n{"id":"3"}\n');
      const cut = text.indexOf('ü') + 1;
      server.answer = pieces(text.subarray(0, 5), text.subarray(5, cut), text.subarray(cut));
      expect(await collect(client.streamHistory({ aggregateId: 'u1' }))).toEqual([
        { id: '1', data: 'ü' },
        { id: '2' },
        { id: '3' },
      ]);
      expect(last()).toMatchObject({
        url: '/events/history?aggregateId=u1',
        headers: { accept: 'application/x-ndjson' },
      });
    });

    it.each(['streamReplay', 'streamHistory'] as const)('is empty for nothing (%s)', async (method) => {
      server.answer = pieces();
      expect(await collect(client[method]())).toEqual([]);
    });

    it('throws the problem that the gateway ends with', async () => {
      server.answer = pieces(`{"id":"1"}\n{"problem":${JSON.stringify({ ...PROBLEM, code: 'store-unavailable' })}}\n`);
      const found: unknown[] = [];
      const read = async (): Promise<void> => {
        for await (const event of client.streamReplay()) found.push(event);
      };
      await expect(read()).rejects.toMatchObject({ name: 'ProblemError', code: 'store-unavailable' });
      expect(found).toEqual([{ id: '1' }]);
    });

    it('throws StreamBrokenOff where the connection breaks, or a line has no end', async () => {
      server.answer = (response) => {
        response.writeHead(200).write('{"id":"1"}\n');
        setImmediate(() => response.destroy());
      };
      await expect(collect(client.streamReplay())).rejects.toMatchObject({ name: 'StreamBrokenOff', retryable: true });
      server.answer = pieces('{"id":"1"}\n{"id":');
      await expect(collect(client.streamReplay())).rejects.toMatchObject({ name: 'StreamBrokenOff' });
    });

    it('throws an ordinary problem where it does not begin', async () => {
      server.answer = json(404, { ...PROBLEM, status: 404, code: 'aggregate-not-found' });
      await expect(collect(client.streamAggregate({ aggregateId: 'x' }))).rejects.toMatchObject({
        code: 'aggregate-not-found',
      });
    });

    it('lets go of the connection when its reader leaves, and ends by its signal', async () => {
      const closed = new Promise<void>((resolve) => {
        server.answer = (response) => {
          response.on('close', resolve);
          response.writeHead(200).write('{"id":"1"}\n');
        };
      });
      for await (const event of client.streamReplay()) {
        expect(event).toEqual({ id: '1' });
        break;
      }
      await closed;
      const controller = new AbortController();
      const read = collect(client.streamReplay({}, { signal: controller.signal }));
      setImmediate(() => controller.abort(new Error('enough')));
      await expect(read).rejects.toThrow('enough');
    });
  });
});
