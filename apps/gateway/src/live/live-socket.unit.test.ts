import { request } from 'node:http';
import { eventually } from '@annals/testing';
import { type InMemoryGateway, startInMemoryGateway } from '../bootstrap/in-memory-gateway.spec-support.ts';
import { SocketReader } from './socket-reader.spec-support.ts';

describe('/events/ws', () => {
  let gateway: InMemoryGateway;
  let tenants = 0;
  const readers: SocketReader[] = [];

  beforeAll(async () => {
    gateway = await startInMemoryGateway({ env: { LIVE_HEARTBEAT_MS: '50', MAX_LIVE_SUBSCRIPTIONS: '3' } });
  });

  afterEach(() => {
    for (const reader of readers.splice(0)) reader.close();
  });

  afterAll(() => gateway.stop());

  const newTenant = () => `tenant-${++tenants}`;
  const open = async (query = '', options: Parameters<typeof SocketReader.open>[1] = {}) => {
    const reader = await SocketReader.open(`${gateway.url}/events/ws${query}`, options);
    readers.push(reader);
    return reader;
  };
  const append = (tenantId: string, from: number, to = from, type = 'number.added') =>
    gateway.store.append(
      { tenantId, type: 'number', id: 'n' },
      Array.from({ length: to - from + 1 }, (_, i) => ({ type, data: { n: from + i } })),
    );

  it('gives the events of several subscriptions over one socket', async () => {
    const tenantId = newTenant();
    await append(tenantId, 1, 2, 'a');
    await append(tenantId, 3, 3, 'b');
    const reader = await open(`?tenantId=${tenantId}`);
    await reader.subscribed({ id: 'all', from: 'beginning' });
    await reader.subscribed({ id: 'new' });
    await reader.subscribed({ id: 'only b', filter: { eventTypes: ['b'] }, from: 'beginning' });
    await append(tenantId, 4, 4, 'b');
    expect(await reader.until('all', 4)).toEqual([1, 2, 3, 4]);
    expect(await reader.until('new', 1)).toEqual([4]);
    expect(await reader.until('only b', 2)).toEqual([3, 4]);
    expect(reader.received[0]).toEqual({ type: 'subscribed', id: 'all' });
    const history = await gateway.get(`/events/history?tenantId=${tenantId}`);
    expect(reader.of('event', 'all').map(({ event }) => event)).toEqual((history.body as { events: unknown }).events);
  });

  it('goes on behind a cursor, and from a time', async () => {
    const tenantId = newTenant();
    await append(tenantId, 1, 3);
    const first = await open(`?tenantId=${tenantId}`);
    await first.subscribed({ id: 's', from: 'beginning' });
    const { cursor } = first.of('event', 's')[1]!;
    first.close();
    const second = await open();
    await second.subscribed({ id: 's', filter: { tenantId }, from: { after: cursor! } });
    expect(second.numbers('s')).toEqual([3]);
    await second.subscribed({ id: 't', filter: { tenantId }, from: { recordedFrom: '2020-01-01T00:00:00Z' } });
    expect(second.numbers('t')).toEqual([1, 2, 3]);
    expect(second.of('caught-up', 's')[0]!.cursor).toBe(first.of('caught-up', 's')[0]!.cursor);
  });

  it('ends a subscription when it is told to, and takes its id again', async () => {
    const tenantId = newTenant();
    const reader = await open(`?tenantId=${tenantId}`);
    await reader.subscribed({ id: 's' });
    reader.send({ type: 'unsubscribe', id: 's' });
    await eventually(() => reader.of('unsubscribed', 's').length === 1);
    await append(tenantId, 1);
    reader.send({ type: 'subscribe', id: 's', from: 'beginning' });
    expect(await reader.until('s', 1)).toEqual([1]);
    await eventually(() => reader.of('caught-up').length === 2);
    const kinds = reader.received.map(({ type }) => type);
    expect(kinds).toEqual(['subscribed', 'caught-up', 'unsubscribed', 'subscribed', 'event', 'caught-up']);
  });

  it('answers ping with pong', async () => {
    const reader = await open();
    reader.send({ type: 'ping' });
    await eventually(() => reader.of('pong').length === 1);
  });

  it.each<[what: string, message: string, code: string, path: string | undefined]>([
    ['no JSON', 'hello', 'malformed-json', undefined],
    ['no object', '[1]', 'validation-failed', ''],
    ['no type', '{"id":"s"}', 'validation-failed', 'type'],
    ['a type that is none', '{"type":"publish"}', 'validation-failed', 'type'],
    ['no id', '{"type":"subscribe"}', 'validation-failed', 'id'],
    ['an id that is too long', `{"type":"subscribe","id":"${'x'.repeat(101)}"}`, 'validation-failed', 'id'],
    ['an unknown field', '{"type":"subscribe","id":"s","limit":3}', 'validation-failed', 'limit'],
    ['a filter that is none', '{"type":"subscribe","id":"s","filter":null}', 'validation-failed', 'filter'],
    ['an unknown filter', '{"type":"subscribe","id":"s","filter":{"x":1}}', 'validation-failed', 'filter.x'],
    [
      'a type that cannot be',
      '{"type":"subscribe","id":"s","filter":{"eventTypes":["a..b"]}}',
      'validation-failed',
      'filter.eventTypes.0',
    ],
    [
      'types that are no list',
      '{"type":"subscribe","id":"s","filter":{"eventTypes":"a"}}',
      'validation-failed',
      'filter.eventTypes',
    ],
    [
      'a tenant that is none',
      '{"type":"subscribe","id":"s","filter":{"tenantId":7}}',
      'validation-failed',
      'filter.tenantId',
    ],
    ['a start that is none', '{"type":"subscribe","id":"s","from":"later"}', 'validation-failed', 'from'],
    ['a cursor that is none', '{"type":"subscribe","id":"s","from":{"after":"x"}}', 'validation-failed', 'from.after'],
    ['a subscription that is not there', '{"type":"unsubscribe","id":"s"}', 'validation-failed', 'id'],
  ])('answers a message with %s with an error, and goes on', async (_, message, code, path) => {
    const reader = await open();
    reader.send(message);
    reader.send({ type: 'ping' });
    await eventually(() => reader.of('pong').length === 1);
    const [error] = reader.of('error');
    expect(error!.problem.code).toBe(code);
    if (path !== undefined) expect(error!.problem.errors).toMatchObject([{ path }]);
    expect(error!.id).toBe(message.includes('"id":"s"') ? 's' : undefined);
  });

  it('refuses an id that is there already, and more subscriptions than allowed', async () => {
    const reader = await open();
    for (const id of ['a', 'b', 'c']) await reader.subscribed({ id });
    for (const id of ['a', 'd']) reader.send({ type: 'subscribe', id });
    await eventually(() => reader.of('error').length === 2);
    expect(reader.of('error', 'a')[0]!.problem.code).toBe('validation-failed');
    expect(reader.of('error', 'd')[0]!.problem).toMatchObject({ code: 'too-many-live-subscriptions', limit: 3 });
    reader.send({ type: 'unsubscribe', id: 'a' });
    await reader.subscribed({ id: 'd' });
  });

  it.each<[what: string, message: string | Buffer, code: number]>([
    ['is binary', Buffer.from('{}'), 1003],
    ['is larger than 64 KiB', JSON.stringify({ type: 'ping', padding: 'x'.repeat(65_536) }), 1009],
  ])('closes the socket at a message that %s', async (_, message, code) => {
    const reader = await open();
    reader.send(message);
    expect(await eventually(() => reader.closed)).toMatchObject({ code });
  });

  it('pings, and cuts off who answers none of two', async () => {
    const awake = await open();
    const asleep = await open('', { autoPong: false });
    await eventually(() => asleep.closed);
    expect(asleep.closed).toMatchObject({ code: 1006 });
    expect(asleep.pings).toBeGreaterThanOrEqual(2);
    await eventually(() => awake.pings >= 4);
    expect(awake.closed).toBeUndefined();
  });

  it.each<[what: string, path: string, headers: Record<string, string>, status: number, code: string]>([
    ['another origin', '/events/ws', { origin: 'https://evil.example' }, 403, 'origin-not-allowed'],
    ['an opaque origin', '/events/ws', { origin: 'null' }, 403, 'origin-not-allowed'],
    ['another host', '/events/ws', { host: 'evil.example' }, 421, 'host-not-allowed'],
    ['an unknown parameter', '/events/ws?x=1', {}, 400, 'validation-failed'],
    ['an empty tenant', '/events/ws?tenantId=', {}, 400, 'validation-failed'],
    ['a user given twice', '/events/ws?userId=a&userId=b', {}, 400, 'validation-failed'],
    ['another path', '/events/other', {}, 404, 'not-found'],
    ['a path that is no socket', '/events/live?limit=1', {}, 400, 'validation-failed'],
  ])('refuses %s with a problem document', async (_, path, headers, status, code) => {
    const refused = await SocketReader.refusal(`${gateway.url}${path}`, headers);
    expect(refused).toMatchObject({ status, body: { code } });
  });

  it('lets pages of loopback origins in', async () => {
    await (await open('', { headers: { origin: 'http://localhost:5173' } })).subscribed({ id: 's' });
  });

  it('answers a request that is no WebSocket with 426', async () => {
    const answer = await gateway.get('/events/ws');
    expect(answer).toMatchObject({ status: 426, body: { code: 'upgrade-required' } });
    expect(answer.headers.get('upgrade')).toBe('websocket');
  });

  it('leaves requests that ask for other protocols to their routes, with their bodies', async () => {
    const post = (n: number) =>
      new Promise<number>((resolve, reject) => {
        const body = JSON.stringify({ type: 'a', data: { n, padding: 'x'.repeat(100_000) } });
        const sent = request(
          `${gateway.url}/events`,
          {
            method: 'POST',
            agent: false,
            headers: {
              'content-type': 'application/json',
              'content-length': Buffer.byteLength(body),
              connection: 'Upgrade, HTTP2-Settings',
              upgrade: 'h2c',
              'http2-settings': 'AAMAAABkAAQAAP__',
            },
          },
          (response) => {
            response.resume();
            response.once('end', () => resolve(response.statusCode!));
          },
        );
        sent.once('error', reject);
        sent.end(body);
      });
    expect(await Promise.all([post(1), post(2)])).toEqual([201, 201]);
  });
});

describe('sockets', () => {
  it('are closed with 1001 when the gateway shuts down, and none is let in any more', async () => {
    const gateway = await startInMemoryGateway();
    const reader = await SocketReader.open(`${gateway.url}/events/ws`);
    await reader.subscribed({ id: 's' });
    gateway.drain();
    expect(await SocketReader.refusal(`${gateway.url}/events/ws`)).toMatchObject({
      status: 503,
      body: { code: 'shutting-down' },
    });
    await gateway.stop();
    expect(await eventually(() => reader.closed)).toEqual({ code: 1001, reason: 'shutting-down' });
  });

  it('are limited in number together with the clients of SSE', async () => {
    const gateway = await startInMemoryGateway({ env: { MAX_LIVE_CLIENTS: '1' } });
    const reader = await SocketReader.open(`${gateway.url}/api/events/ws`);
    expect(await SocketReader.refusal(`${gateway.url}/events/ws`)).toMatchObject({
      status: 503,
      body: { code: 'too-many-live-clients' },
    });
    expect(await gateway.get('/events/live')).toMatchObject({ status: 503, body: { code: 'too-many-live-clients' } });
    reader.close();
    await eventually(async () => {
      const again = await SocketReader.open(`${gateway.url}/events/ws`);
      again.close();
      return true;
    });
    await gateway.stop();
  });

  it('are recorded when they are opened and closed, once each, with their user and tenant', async () => {
    const gateway = await startInMemoryGateway({ env: { LIVE_RECORD_CONNECTIONS: 'true' } });
    const headers = { 'x-user-id': 'from-header' };
    const first = await SocketReader.open(`${gateway.url}/events/ws?tenantId=acme&userId=u1`, { headers });
    const second = await SocketReader.open(`${gateway.url}/events/ws`, { headers });
    first.socket.close(1000);
    await eventually(() => first.closed);
    const again = await SocketReader.open(`${gateway.url}/events/ws?tenantId=acme&userId=u1`);
    // What still is open is closed by the gateway, and that is recorded, too.
    const { store } = gateway;
    const close = store.close.bind(store);
    store.close = () => Promise.resolve();
    await gateway.stop();
    for (const reader of [second, again]) await eventually(() => reader.closed);
    const found: unknown[][] = [];
    for await (const { tenantId, type, userId, version, aggregateType, data } of store.readAll()) {
      expect(aggregateType).toBe('websocket-connection');
      found.push([tenantId, type, userId, version, (data as { closeCode?: number }).closeCode]);
    }
    const user = 'websocket.user';
    expect(found.sort()).toEqual(
      [
        ['acme', `${user}.connected`, 'u1', 1, undefined],
        ['acme', `${user}.connected`, 'u1', 1, undefined],
        ['acme', `${user}.disconnected`, 'u1', 2, 1000],
        ['acme', `${user}.disconnected`, 'u1', 2, 1001],
        ['default', `${user}.connected`, 'from-header', 1, undefined],
        ['default', `${user}.disconnected`, 'from-header', 2, 1001],
      ].sort(),
    );
    await close();
  });
});
