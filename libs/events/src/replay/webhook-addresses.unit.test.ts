import type { LookupAddress } from 'node:dns';
import { type WebhookOptions, webhookReplays } from '../index.ts';
import { isPublicAddress } from './public-address.ts';
import { Endpoint, deliverTo, event } from './webhook.spec-support.ts';

const endpoints: Endpoint[] = [];

async function endpoint(...args: Parameters<typeof Endpoint.start>): Promise<Endpoint> {
  const started = await Endpoint.start(...args);
  endpoints.push(started);
  return started;
}

afterEach(async () => {
  await Promise.all(endpoints.splice(0).map((one) => one.stop()));
});

const to = (url: string) => ({ type: 'webhook', url }) as const;

/** Answers with one list of addresses after the other, the last one for ever. */
function names(
  ...answers: readonly (readonly string[])[]
): Required<Pick<WebhookOptions, 'lookup'>> & { asked: number } {
  const names = {
    asked: 0,
    lookup: ((_host, _options, callback) => {
      const addresses = answers[Math.min(names.asked++, answers.length - 1)]!;
      callback(
        null,
        addresses.map((address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
    }) as NonNullable<WebhookOptions['lookup']>,
  };
  return names;
}

describe('public addresses', () => {
  it.each(['8.8.8.8', '1.1.1.1', '93.184.216.34', '2606:4700::1111', '::ffff:8.8.8.8'])('are %s', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    ['loopback', '127.0.0.1'],
    ['all of loopback', '127.255.0.9'],
    ['this host', '0.0.0.0'],
    ['private', '10.0.0.1'],
    ['private', '172.16.0.1'],
    ['private', '192.168.1.1'],
    ['shared', '100.64.0.1'],
    ["a cloud's metadata", '169.254.169.254'],
    ["another cloud's metadata", '100.100.100.200'],
    ['multicast', '224.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['reserved', '240.0.0.1'],
    ['benchmarks', '198.18.0.1'],
    ['documentation', '192.0.2.1'],
    ['IPv6 loopback', '::1'],
    ['IPv6 unspecified', '::'],
    ['link-local', 'fe80::1'],
    ['link-local with a zone', 'fe80::1%eth0'],
    ['unique-local', 'fd00:ec2::254'],
    ['site-local', 'fec0::1'],
    ['multicast', 'ff02::1'],
    ['IPv4 in IPv6', '::ffff:127.0.0.1'],
    ['IPv4 in IPv6, in hexadecimal', '::ffff:7f00:1'],
    ['IPv4-compatible', '::7f00:1'],
    ['translated', '64:ff9b::7f00:1'],
    ['6to4', '2002:7f00:1::'],
    ['Teredo', '2001::1'],
    ['documentation', '2001:db8::1'],
    ['no address', 'localhost'],
    ['nothing', ''],
  ])('are not %s: %s', (_, address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

describe('a webhook', () => {
  it.each([
    'http://localhost/',
    'http://LOCALHOST:1/',
    'http://127.0.0.1/',
    'http://127.1/',
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0177.0.0.1/',
    'http://0/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://[0:0:0:0:0:0:0:1]/',
    'http://169.254.169.254/latest/meta-data/',
    'http://10.0.0.1/',
    'http://[fd00::1]/',
    'http://１２７.0.0.1/',
  ])('may not be %s', async (url) => {
    await expect(webhookReplays().check(to(url))).rejects.toMatchObject({ code: 'replay-target-refused' });
    await expect(deliverTo(webhookReplays(), to(url), [event(1)])).rejects.toMatchObject({
      code: 'replay-target-refused',
    });
  });

  it.each([[['10.0.0.1']], [['127.0.0.1']], [['93.184.216.34', '127.0.0.1']], [['::1']], [['::ffff:10.0.0.1']]])(
    'may not be a name at %j',
    async (addresses) => {
      const factory = webhookReplays(names(addresses));
      const url = 'http://innocent.example/';
      await expect(factory.check(to(url))).rejects.toMatchObject({ code: 'replay-target-refused' });
      await expect(deliverTo(factory, to(url), [event(1)])).rejects.toMatchObject({ code: 'replay-target-refused' });
    },
  );

  it('may be a name at a public address', async () => {
    await webhookReplays(names(['93.184.216.34'])).check(to('https://innocent.example/'));
  });

  it('that is somewhere else when it is resolved again is not called there', async () => {
    const inside = await endpoint();
    const rebinding = names(['93.184.216.34'], ['127.0.0.1']);
    const factory = webhookReplays(rebinding);
    const url = `http://rebinding.example:${inside.port}/`;
    await factory.check(to(url));
    await expect(deliverTo(factory, to(url), [event(1)])).rejects.toMatchObject({ code: 'replay-target-refused' });
    expect(inside.requests).toEqual([]);
  });

  it('is resolved once for a connection: the address that was looked at is the one that is called', async () => {
    const inside = await endpoint();
    const resolved = names(['127.0.0.1'], ['93.184.216.34']);
    const factory = webhookReplays({ ...resolved, lookup: resolved.lookup, allowPrivateAddresses: true });
    const url = `http://name.example:${inside.port}/`;
    expect(await deliverTo(factory, to(url), [event(1), event(2)])).toEqual([{}, {}]);
    expect(resolved.asked).toBe(1);
    expect(inside.requests.length).toBe(2);
    expect(inside.requests[0]!.headers.host).toBe(`name.example:${inside.port}`);
  });

  it('may be a host that is listed, and no other', async () => {
    const inside = await endpoint();
    const factory = webhookReplays({ ...names(['127.0.0.1']), allowedHosts: ['Inside.Example'] });
    const listed = to(`http://inside.example:${inside.port}/`);
    await factory.check(listed);
    expect(await deliverTo(factory, listed, [event(1)])).toEqual([{}]);
    const other = to(`http://other.example:${inside.port}/`);
    await expect(factory.check(other)).rejects.toMatchObject({ code: 'replay-target-refused' });
  });

  it('that cannot be resolved is refused before a job is made', async () => {
    const lookup: WebhookOptions['lookup'] = (_, __, callback) => callback(new Error('getaddrinfo ENOTFOUND'), []);
    await expect(webhookReplays({ lookup }).check(to('http://none.example/'))).rejects.toMatchObject({
      code: 'replay-target-refused',
      message: expect.stringContaining('ENOTFOUND'),
    });
  });
});

describe('a redirect of a webhook', () => {
  /** The endpoint is reachable by its name only, as if that were public. */
  const factory = () => webhookReplays({ ...names(['127.0.0.1']), allowedHosts: ['public.example'], attempts: 1 });

  it.each([307, 308])('by %d is followed with method and body', async (status) => {
    const hook = await endpoint((response, nth) =>
      nth === 1 ? response.writeHead(status, { location: '/there' }).end() : response.writeHead(200).end(),
    );
    expect(await deliverTo(factory(), to(`http://public.example:${hook.port}/`), [event(1)])).toEqual([{}]);
    expect(hook.requests[1]).toMatchObject({ method: 'POST', path: '/there', body: hook.requests[0]!.body });
  });

  it.each([
    'http://127.0.0.1:PORT/',
    'http://[::1]:PORT/',
    'http://2130706433:PORT/',
    'http://inside.example:PORT/',
    '//127.0.0.1:PORT/',
    'http://169.254.169.254/',
    'file:///etc/passwd',
    'gopher://public.example/',
    'http://user:pass@public.example:PORT/',
    'http://[',
  ])('to %s ends the replay, and nothing is called there', async (location) => {
    const inside = await endpoint();
    const hook = await endpoint((response) =>
      response.writeHead(307, { location: location.replace('PORT', String(inside.port)) }).end(),
    );
    const url = `http://public.example:${hook.port}/`;
    await expect(deliverTo(factory(), to(url), [event(1)])).rejects.toMatchObject({ code: 'replay-target-refused' });
    expect([hook.requests.length, inside.requests.length]).toEqual([1, 0]);
  });

  it('in a circle ends after a few', async () => {
    const hook = await endpoint((response) => response.writeHead(308, { location: '/again' }).end());
    const url = `http://public.example:${hook.port}/`;
    await expect(deliverTo(factory(), to(url), [event(1)])).rejects.toThrow(/more than 3 redirects/);
    expect(hook.requests.length).toBe(4);
  });
});
