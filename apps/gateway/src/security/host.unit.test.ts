import { request } from 'node:http';
import { type InMemoryGateway, startInMemoryGateway } from '../bootstrap/in-memory-gateway.spec-support.ts';
import { hostNameOf, isLoopbackName } from './host-name.ts';

describe('the Host header', () => {
  let gateway: InMemoryGateway;

  beforeAll(async () => {
    gateway = await startInMemoryGateway({ env: { ALLOWED_HOSTS: 'events.example.org, [fd00::1]' } });
  });

  afterAll(() => gateway.stop());

  const statusFor = (host: string, path = '/events/stats'): Promise<number> =>
    new Promise((resolve, reject) => {
      const sent = request(`${gateway.url}${path}`, { headers: { host }, agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode!);
      });
      sent.on('error', reject).end();
    });

  it.each([
    'localhost',
    'LOCALHOST:3000',
    'localhost.',
    '127.0.0.1',
    '127.0.0.1:1',
    '127.255.255.254:65535',
    '[::1]:3000',
    'events.example.org',
    'Events.Example.ORG:8443',
    '[fd00::1]:80',
  ])('may be %s', async (host) => {
    expect(await statusFor(host)).toBe(200);
  });

  it.each([
    'example.org',
    'evil.events.example.org',
    'events.example.org.evil.com',
    'localhost.evil.com',
    '127.0.0.1.evil.com',
    '127.0.0.1@evil.com',
    'evil.com#localhost',
    'evil.com/localhost',
    '0.0.0.0:3000',
    '192.168.0.1',
    '[::]',
    '[::ffff:7f00:1]',
    'localhost:port',
    'a b',
    '128.0.0.1',
    '127.0.0.1, evil.com',
  ])('must not be %s, on any route', async (host) => {
    for (const path of ['/events/stats', '/health/live', '/metrics', '/openapi.json', '/docs', '/nothing-here']) {
      expect(await statusFor(host, path)).toBe(421);
    }
  });

  it('is refused with a problem that says what to do', async () => {
    const body = await new Promise<string>((resolve, reject) => {
      request(`${gateway.url}/events/stats`, { headers: { host: 'evil.com' } }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString())).on('end', () => resolve(text));
      })
        .on('error', reject)
        .end();
    });
    expect(JSON.parse(body)).toMatchObject({
      status: 421,
      code: 'host-not-allowed',
      detail: expect.stringContaining('ALLOWED_HOSTS'),
    });
  });

  it('is read without port, brackets kept', () => {
    expect(hostNameOf('A.example:80')).toBe('a.example');
    expect(hostNameOf('[::1]:80')).toBe('[::1]');
    for (const bad of ['', ':80', 'a:b', 'a:80:90', '::1', 'a..b', 'x'.repeat(254)])
      expect(hostNameOf(bad)).toBeUndefined();
  });

  it('is loopback for all of 127.0.0.0/8 and nothing that only looks so', () => {
    for (const name of ['localhost', '127.0.0.1', '127.1.2.3', '::1', '[::1]']) expect(isLoopbackName(name)).toBe(true);
    for (const name of ['127.0.0.256', '127.0.0', '1127.0.0.1', '0.0.0.0', 'localhost6'])
      expect(isLoopbackName(name)).toBe(false);
  });
});
