import { readFileSync } from 'node:fs';
import { eventually } from '@annals/testing';
import { type InMemoryGateway, startInMemoryGateway } from '../bootstrap/in-memory-gateway.spec-support.ts';
import { curlLines } from './curl-line.spec-support.ts';

const page = readFileSync(new URL('../../../../docs/guides/failing-handlers.md', import.meta.url), 'utf8');

describe('the curl lines of docs/guides/failing-handlers.md', () => {
  let gateway: InMemoryGateway;

  beforeAll(async () => {
    gateway = await startInMemoryGateway();
  });

  afterAll(() => gateway.stop());

  it('look at dead letters, have them handled again and purge them', async () => {
    const { store } = gateway;
    for (let i = 1; i <= 16; i++) await store.append({ type: 'user', id: `u${i}` }, { type: 'user.created', data: i });
    const active = await store.subscriptions.subscribe(
      { name: 'billing', filter: { eventTypes: ['order.*'] } },
      (_, context) => context.deadLetter('no account'),
    );
    for (const id of ['17', '18']) await store.append({ type: 'order', id }, { type: 'order.placed', data: {} });
    await eventually(async () => (await store.deadLetters.count()) === 2);
    await active.stop();

    const seen: [string, number][] = [];
    for (const { url, init } of curlLines(page)) {
      const path = url.replace('http://127.0.0.1:3000', '');
      const { status } = await gateway.request(path, init);
      seen.push([`${init.method} ${path}`, status]);
    }
    expect(seen).toEqual([
      ['GET /events/dead-letters?subscription=billing&kinds=rejected', 200],
      ['GET /events/dead-letters/billing/EVENTS/17', 200],
      ['POST /events/dead-letters/billing/EVENTS/17/redrive', 200],
      ['POST /events/dead-letters/redrive', 200],
      ['POST /events/dead-letters/purge', 200],
      ['DELETE /events/dead-letters/billing/EVENTS/18', 204],
    ]);
    expect(await store.subscriptions.get('billing')).toMatchObject({ deadLetters: 1, redeliveries: 1 });
  });
});
