import { type Socket, connect } from 'node:net';
import { PassThrough } from 'node:stream';
import { type InMemoryGateway, startInMemoryGateway } from '../bootstrap/in-memory-gateway.spec-support.ts';
import { answerUnreadableRequest } from './raw-problem.ts';
import { RouteTable } from './route-table.ts';

describe('HTTP itself', () => {
  let gateway: InMemoryGateway;

  beforeAll(async () => {
    gateway = await startInMemoryGateway();
  });

  afterAll(() => gateway.stop());

  /** What comes back for bytes that no HTTP library would send. */
  const raw = async (bytes: string): Promise<string> => {
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
    socket.write(bytes);
    let text = '';
    for await (const chunk of socket) text += (chunk as Buffer).toString();
    return text;
  };

  it.each([
    '/nothing',
    '/',
    '/events/nothing',
    '/events/streams',
    '/events/streams/u1',
    '/api',
    '/events/',
    '/EVENTS/stats',
  ])('answers 404 for %s', async (path) => {
    const answer = await gateway.get(`${path}?token=secret`);
    expect(answer).toMatchObject({
      status: 404,
      body: {
        type: 'urn:annals:problem:not-found',
        title: expect.any(String),
        status: 404,
        code: 'not-found',
        instance: path,
      },
    });
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(answer.text).not.toContain('secret');
  });

  it.each([
    ['GET', '/events', 'POST'],
    ['DELETE', '/events', 'POST'],
    ['PUT', '/events/history', 'GET, HEAD'],
    ['PATCH', '/api/events/replay', 'GET, HEAD, POST'],
    ['GET', '/events/streams/a%2Fb/reconstruct', 'POST'],
    ['OPTIONS', '/events', 'POST'],
    ['POST', '/health/live', 'GET, HEAD'],
  ])('answers 405 for %s %s, with what is allowed', async (method, path, allow) => {
    const answer = await gateway.request(path, { method });
    expect(answer.headers.get('allow')).toBe(allow);
    expect(answer).toMatchObject({
      status: 405,
      body: { code: 'method-not-allowed', allowedMethods: allow.split(', ') },
    });
  });

  it('gives no other origin leave to read or write', async () => {
    const preflight = await gateway.request('/events', {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.com', 'access-control-request-method': 'POST' },
    });
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
    const read = await gateway.get('/events/stats', { origin: 'https://evil.com' });
    expect(read.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('answers 400 for a path that is no URL', async () => {
    const text = await raw('GET /events/%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(text).toContain('"code":"malformed-request"');
  });

  it('answers 400 for a part of the path that is too long for any name', async () => {
    const answer = await gateway.post(`/events/streams/${'x'.repeat(1_001)}/reconstruct`, {});
    expect(answer).toMatchObject({ status: 400, body: { code: 'malformed-request' } });
  });

  it('answers what is no HTTP with a problem, and hangs up', async () => {
    const text = await raw('this is no HTTP\r\n\r\n');
    expect(text).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(text).toContain('"code":"malformed-request"');
    expect(text).not.toContain('HPE_');
  });

  it('answers 431 for headers that are too large', async () => {
    const text = await raw(`GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`);
    expect(text).toMatch(/^HTTP\/1\.1 431 /);
    expect(text).toContain('"code":"headers-too-large"');
  });

  it('answers 400 for a body that is shorter than it said', async () => {
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
    socket.end(
      'POST /events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"type"',
    );
    let text = '';
    for await (const chunk of socket) text += (chunk as Buffer).toString();
    expect(text).toMatch(/^HTTP\/1\.1 400 |^$/);
    expect((await gateway.store.stats()).totalEvents).toBe(0);
  });

  it('sets headers that keep browsers from guessing and framing', async () => {
    const { headers } = await gateway.get('/events/stats');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('SAMEORIGIN');
    expect(headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(headers.get('x-powered-by')).toBeNull();
    // Over plain HTTP on loopback both would break what follows.
    expect(headers.get('strict-transport-security')).toBeNull();
    expect(headers.get('content-security-policy')).not.toContain('upgrade-insecure-requests');
  });

  it.each(['gzip', 'br', 'deflate'])('compresses large answers with %s for who asks for it', async (encoding) => {
    const data = 'text '.repeat(1_000);
    await gateway.post('/events', { type: 'said', data, aggregateType: 'text', aggregateId: encoding });
    const path = `/events/history?aggregateId=${encoding}`;
    const packed = await gateway.get(path, { 'accept-encoding': encoding });
    expect(packed.headers.get('content-encoding')).toBe(encoding);
    expect(Number(packed.headers.get('content-length'))).toBeLessThan(2_000);
    expect(packed.headers.get('vary')).toMatch(/accept-encoding/i);
    const plain = await gateway.get(path, { 'accept-encoding': 'identity' });
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(packed.text).toBe(plain.text);
  });

  it('answers HEAD like GET, without a body', async () => {
    for (const path of ['/events/stats', '/events/history', '/health/live', '/health/ready', '/metrics']) {
      expect(await gateway.request(path, { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
    }
  });
});

describe('a request that does not arrive', () => {
  it('is answered 408 and the connection closed', async () => {
    const socket = new PassThrough();
    const timeout = Object.assign(new Error('timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
    answerUnreadableRequest(timeout, socket as unknown as Socket);
    let text = '';
    for await (const chunk of socket) text += (chunk as Buffer).toString();
    expect(text).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
    expect(JSON.parse(text.split('\r\n\r\n')[1]!)).toMatchObject({ status: 408, code: 'request-incomplete' });
  });
});

describe('a gateway that is shutting down', () => {
  it('takes nothing new on connections that are still open, and says to close them', async () => {
    const gateway = await startInMemoryGateway();
    await gateway.get('/health/live');
    gateway.drain();
    for (const path of ['/events/stats', '/health/ready', '/health/live']) {
      const answer = await gateway.get(path);
      expect(answer).toMatchObject({ status: 503, body: { code: 'shutting-down' } });
      expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
    }
    await gateway.stop();
  });
});

describe('the table of routes', () => {
  it('knows methods by template, and nothing of wildcards', () => {
    const table = new RouteTable();
    table.add('/a/:id/b.c', 'GET');
    table.add('/a/:id/b.c', ['POST', 'HEAD']);
    table.add('/files/*', 'GET');
    expect(table.methodsOf('/a/x/b.c')).toEqual(['GET', 'HEAD', 'POST']);
    for (const path of ['/a/x/bxc', '/a/x/y/b.c', '/a//b.c', '/files/x']) expect(table.methodsOf(path)).toEqual([]);
  });
});
