import { type WebhookOptions, isWebhookGenuine, webhookReplays } from '../index.ts';
import { Endpoint, ID, deliverTo, event } from './webhook.spec-support.ts';

const endpoints: Endpoint[] = [];
const secret = 'a secret of the process';

async function endpoint(...args: Parameters<typeof Endpoint.start>): Promise<Endpoint> {
  const started = await Endpoint.start(...args);
  endpoints.push(started);
  return started;
}

afterEach(async () => {
  await Promise.all(endpoints.splice(0).map((one) => one.stop()));
});

const local = (options: WebhookOptions = {}) =>
  webhookReplays({ allowPrivateAddresses: true, backoffMs: 1, timeoutMs: 2_000, ...options });
const to = (url: string) => ({ type: 'webhook', url }) as const;

describe('a replay to a webhook', () => {
  it('posts each event as JSON, one after the other, with the ids of replay and delivery', async () => {
    const hook = await endpoint();
    expect(await deliverTo(local(), to(hook.url), [event(1), event(2)])).toEqual([{}, {}]);
    expect(hook.requests.map(({ method, path }) => [method, path])).toEqual(Array(2).fill(['POST', '/hook']));
    expect(JSON.parse(hook.requests[0]!.body)).toMatchObject({
      id: 'm-1',
      type: 'user.created',
      data: { n: 1 },
      position: { stream: 'EVENTS', sequence: 1 },
      metadata: { replay: true, replayId: ID },
    });
    expect(hook.requests[0]!.headers).toMatchObject({
      'content-type': 'application/json',
      'annals-replay-id': ID,
      'idempotency-key': `${ID}-EVENTS-1`,
    });
    expect(hook.requests[0]!.headers).not.toHaveProperty('annals-signature');
  });

  it('signs with the secret of the process', async () => {
    const hook = await endpoint();
    await deliverTo(local({ secret }), to(hook.url), [event(1)]);
    const { body, headers } = hook.requests[0]!;
    const signature = headers['annals-signature'] as string;
    expect(signature).toMatch(/^t=\d+,v1=[0-9a-f]{64}$/);
    expect(isWebhookGenuine({ secret, signature, body })).toBe(true);
    expect(isWebhookGenuine({ secret: 'another secret', signature, body })).toBe(false);
    expect(isWebhookGenuine({ secret, signature, body: body.replace('"n":1', '"n":2') })).toBe(false);
    expect(isWebhookGenuine({ secret, signature, body, nowMs: Date.now() + 301_000 })).toBe(false);
    for (const wrong of [undefined, '', 'v1=00', 't=1,v1=zz']) {
      expect(isWebhookGenuine({ secret, signature: wrong, body })).toBe(false);
    }
  });

  it.each([408, 429, 500, 503])('sends again what is answered with %d, by the same key', async (status) => {
    const hook = await endpoint((response, nth) => response.writeHead(nth < 3 ? status : 200).end());
    expect(await deliverTo(local(), to(hook.url), [event(1)])).toEqual([{}]);
    expect(new Set(hook.requests.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    expect(hook.requests.length).toBe(3);
  });

  it('gives an event up after so many attempts, and goes on with the next', async () => {
    const hook = await endpoint((response, _, { body }) => response.writeHead(body.includes('m-1') ? 500 : 200).end());
    const outcomes = await deliverTo(local({ attempts: 3 }), to(hook.url), [event(1), event(2)]);
    expect(outcomes).toEqual([{ failure: 'it answered 500, 3 times' }, {}]);
    expect(hook.requests.length).toBe(4);
  });

  it.each([400, 404, 410, 301, 302, 303, 304])('takes %d as a failure at once', async (status) => {
    const hook = await endpoint((response) => response.writeHead(status, { location: '/elsewhere' }).end());
    expect(await deliverTo(local(), to(hook.url), [event(1)])).toEqual([{ failure: `it answered ${status}` }]);
    expect(hook.requests.length).toBe(1);
  });

  it('waits as long as Retry-After asks for', async () => {
    const hook = await endpoint((response, nth) =>
      nth === 1 ? response.writeHead(429, { 'retry-after': '1' }).end() : response.writeHead(200).end(),
    );
    const startedMs = performance.now();
    expect(await deliverTo(local(), to(hook.url), [event(1)])).toEqual([{}]);
    expect(performance.now() - startedMs).toBeGreaterThan(950);
  });

  it('sends again when nobody answers in time, or the connection breaks', async () => {
    const slow = await endpoint((response, nth) => void (nth > 1 && response.writeHead(200).end()));
    expect(await deliverTo(local({ timeoutMs: 100 }), to(slow.url), [event(1)])).toEqual([{}]);
    const broken = await endpoint((response, nth) => (nth > 1 ? response.writeHead(200).end() : response.destroy()));
    expect(await deliverTo(local(), to(broken.url), [event(1)])).toEqual([{}]);
  });

  it('says why where nobody listens', async () => {
    const gone = await Endpoint.start();
    const { url } = gone;
    await gone.stop();
    const [outcome] = await deliverTo(local({ attempts: 2 }), to(url), [event(1)]);
    expect(outcome!.failure).toMatch(/ECONNREFUSED.*, 2 times/);
  });

  it('reads no endless answer', async () => {
    const hook = await endpoint((response) => {
      response.writeHead(200);
      const chunk = Buffer.alloc(64 * 1024);
      const pour = (): void => {
        while (response.writable && response.write(chunk));
      };
      response.on('drain', pour).on('error', () => undefined);
      pour();
    });
    expect(await deliverTo(local({ attempts: 1 }), to(hook.url), [event(1)])).toHaveLength(1);
  });

  it('stops at once when it is told to, and tells nothing of the event in hand', async () => {
    const controller = new AbortController();
    const hook = await endpoint((response, nth) => {
      if (nth === 1) return response.writeHead(200).end();
      controller.abort();
      return undefined;
    });
    expect(await deliverTo(local(), to(hook.url), [event(1), event(2), event(3)], controller.signal)).toEqual([{}]);
    expect(hook.requests.length).toBe(2);
  });

  it('refuses options that cannot be', () => {
    for (const options of [{ secret: 'short' }, { attempts: 0 }, { timeoutMs: -1 }, { backoffMs: 0.5 }]) {
      expect(() => webhookReplays(options)).toThrow(expect.objectContaining({ code: 'validation-failed' }));
    }
  });
});
