import { readFileSync } from 'node:fs';
import type { ActiveSubscription, EventStore } from '@annals/core';
import { eventually } from '@annals/testing';
import { type InMemoryGateway, startInMemoryGateway } from '../bootstrap/in-memory-gateway.spec-support.ts';
import { curlLines } from './curl-line.spec-support.ts';

const page = readFileSync(new URL('../../../../docs/reference/http-api.md', import.meta.url), 'utf8');
const ORIGIN = 'http://127.0.0.1:3000';
/** What the page calls the job that it starts. */
const SHOWN_JOB = '01J9Z3N8Q4W7T5B6C2D1E0F9GH';

/** What the page takes for granted: a subscription `billing` that gave up on the events 17 to 20. */
async function setTheScene(store: EventStore): Promise<ActiveSubscription> {
  for (let i = 1; i <= 16; i++) await store.append({ type: 'user', id: `u${i}` }, { type: 'user.created', data: i });
  const active = await store.subscriptions.subscribe(
    { name: 'billing', filter: { eventTypes: ['order.*'] }, maxDeliver: 1 },
    () => {
      throw new Error('no such account');
    },
  );
  const types = ['placed', 'paid', 'sent', 'closed'];
  for (const type of types) await store.append({ type: 'order', id: 'o1' }, { type: `order.${type}`, data: {} });
  await eventually(async () => (await store.deadLetters.count()) === types.length);
  return active;
}

describe('the curl lines of docs/reference/http-api.md', () => {
  let gateway: InMemoryGateway;
  let active: ActiveSubscription;

  beforeAll(async () => {
    gateway = await startInMemoryGateway();
    active = await setTheScene(gateway.store);
  });

  afterAll(async () => {
    await active.stop();
    await gateway.stop();
  });

  const section = (title: string): string => page.split(/^## /m).find((part) => part.startsWith(title))!;

  const run = async (title: string): Promise<[string, number][]> => {
    const seen: [string, number][] = [];
    let job = SHOWN_JOB;
    for (const { url, init } of curlLines(section(title))) {
      const path = url.replace(ORIGIN, '');
      const answer = await gateway.request(path.replace(SHOWN_JOB, job), init);
      if (answer.status === 202) job = (answer.body as { id: string }).id;
      seen.push([`${init.method} ${path}`, answer.status]);
    }
    return seen;
  };

  it('look after subscriptions', async () => {
    expect(await run('Subscriptions')).toEqual([
      ['GET /events/subscriptions', 200],
      ['GET /events/subscriptions/billing', 200],
      ['POST /events/subscriptions', 201],
      ['POST /events/subscriptions/reports/pause', 200],
      ['POST /events/subscriptions/reports/resume', 200],
      ['POST /events/subscriptions/reports/rewind', 200],
      ['POST /events/subscriptions/reports/rewind', 200],
      ['DELETE /events/subscriptions/reports', 204],
    ]);
  });

  it('list, redrive and purge dead letters', async () => {
    expect(await run('Dead letters')).toEqual([
      ['GET /events/dead-letters?subscription=billing&kinds=attempts-exhausted,rejected', 200],
      ['GET /events/dead-letters/billing/EVENTS/17', 200],
      ['GET /events/dead-letters/billing%2FEVENTS%2F17', 200],
      ['POST /events/dead-letters/billing/EVENTS/17/redrive', 200],
      ['POST /events/dead-letters/redrive', 200],
      ['POST /events/dead-letters/purge', 200],
      ['DELETE /events/dead-letters/billing/EVENTS/17', 204],
    ]);
  });

  it('start and steer replays', async () => {
    expect(await run('Replays')).toEqual([
      ['POST /events/replay', 202],
      ['GET /events/replays?state=pending,running,paused', 200],
      [`GET /events/replays/${SHOWN_JOB}`, 200],
      [`POST /events/replays/${SHOWN_JOB}/pause`, 200],
      [`POST /events/replays/${SHOWN_JOB}/resume`, 200],
      [`POST /events/replays/${SHOWN_JOB}/cancel`, 200],
    ]);
  });

  it.each([
    ['Subscriptions', '/events/subscriptions', 'subscriptions'],
    ['Dead letters', '/events/dead-letters', 'deadLetters'],
    ['Replays', '/events/replays', 'replays'],
  ])('stand beside an example of the answer with the fields that %s have', async (title, path, list) => {
    await gateway.post('/events/replay', { target: { subscription: 'billing' }, ratePerSecond: 1 });
    const [real] = ((await gateway.get(path)).body as Record<string, object[]>)[list]!;
    const shown = JSON.parse(/```json\n([^]*?)```/.exec(section(title))![1]!) as object;
    const optional = new Set(['lastDeliveredAt', 'lastSettledAt', 'startedAt', 'etaMs', 'error', 'ratePerSecond']);
    const fieldsOf = (value: object): string[] => Object.keys(value).filter((field) => !optional.has(field));
    expect(fieldsOf(real!)).toEqual(fieldsOf(shown));
  });
});
