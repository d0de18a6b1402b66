import { readFileSync } from 'node:fs';
import { type EventStore, type RunningProcess, defineProcess } from '@annals/core';
import { createInMemoryStore, eventually } from '@annals/testing';
import { type InMemoryGateway, startInMemoryGateway } from '../bootstrap/in-memory-gateway.spec-support.ts';
import { curlLines } from '../guide/curl-line.spec-support.ts';

const HOUR_MS = 3_600_000;

const onboarding = defineProcess<{ places: number }>({
  name: 'vendor-onboarding',
  startsOn: ['vendor.created'],
  reactsTo: ['vendor.location-added', 'vendor.refused'],
  correlate: ({ aggregateId }) => aggregateId,
  initialState: { places: 0 },
  handle: ({ places }, input) => {
    if (input.type !== 'event') return undefined;
    if (input.event.type === 'vendor.refused') throw new RangeError('refused');
    if (input.event.type === 'vendor.location-added') return { state: { places: places + 1 }, end: 'complete' };
    return { schedule: { name: 'deadline', afterMs: HOUR_MS } };
  },
});

describe('/events/processes', () => {
  let store: EventStore;
  let gateway: InMemoryGateway;
  let running: RunningProcess;

  const path = '/events/processes';
  const instances = `${path}/vendor-onboarding/instances`;
  const happen = (id: string, type: string, tenantId = 'default') =>
    store.append({ type: 'vendor', id, tenantId }, { type, data: {} });

  beforeAll(async () => {
    store = createInMemoryStore();
    gateway = await startInMemoryGateway({ store });
    running = await store.processes.run(onboarding);
    for (const id of ['vendor-1', 'b', 'c', 'd/e', 'bad']) await happen(id, 'vendor.created');
    await happen('b', 'vendor.location-added');
    await happen('bad', 'vendor.refused');
    await happen('b', 'vendor.created', 'acme');
    await eventually(async () => (await store.processes.get('vendor-onboarding')).activeInstances === 5);
    await eventually(async () => (await store.processes.get('vendor-onboarding')).lagEvents === 0);
  });

  afterAll(async () => {
    await running.stop();
    await gateway.stop();
  });

  it('lists processes by name, with how far each is', async () => {
    const answer = await gateway.get(path);
    expect(answer).toMatchObject({
      status: 200,
      body: {
        processes: [{ name: 'vendor-onboarding', state: 'running', lagEvents: 0, activeInstances: 5 }],
        nextCursor: null,
      },
    });
    expect((await gateway.get(`${path}/vendor-onboarding`)).body).toMatchObject({
      eventTypes: ['vendor.created', 'vendor.location-added', 'vendor.refused'],
    });
  });

  it('lists instances by state and tenant, page by page', async () => {
    const listed: unknown[] = [];
    let cursor = '';
    for (;;) {
      const { body } = await gateway.get(`${instances}?tenantId=default&limit=2${cursor && `&cursor=${cursor}`}`);
      const page = body as { instances: { key: string }[]; nextCursor: string | null };
      listed.push(...page.instances.map(({ key }) => key));
      if (page.nextCursor === null) break;
      cursor = page.nextCursor;
    }
    expect(listed.sort()).toEqual(['b', 'bad', 'c', 'd/e', 'vendor-1']);
    expect((await gateway.get(`${instances}?state=failed`)).body).toMatchObject({
      instances: [{ key: 'bad', error: { name: 'RangeError', message: 'refused' } }],
    });
  });

  it('shows an instance of any key and tenant, with its state, timers and history', async () => {
    expect((await gateway.get(`${instances}/b`)).body).toMatchObject({
      state: 'ended',
      reason: 'complete',
      data: { places: 1 },
      history: [{ scheduled: ['deadline'] }, { input: 'event vendor.location-added', ended: 'complete' }],
    });
    expect((await gateway.get(`${instances}/b?tenantId=acme`)).body).toMatchObject({
      tenantId: 'acme',
      state: 'started',
      timers: [{ name: 'deadline' }],
    });
    expect((await gateway.get(`${instances}/d%2Fe`)).body).toMatchObject({ key: 'd/e' });
  });

  it('ends an instance once, for a reason', async () => {
    const ended = await gateway.post(`${instances}/c/end`, { reason: 'by hand' });
    expect(ended).toMatchObject({ status: 200, body: { state: 'ended', reason: 'by hand', timers: [] } });
    expect(await gateway.post(`${instances}/c/end`, {})).toMatchObject({
      status: 409,
      body: { code: 'process-instance-ended' },
    });
  });

  it.each([
    [`${path}/none`, 404, 'process-not-found'],
    [`${path}/none/instances`, 404, 'process-not-found'],
    [`${instances}/none`, 404, 'process-instance-not-found'],
    [`${path}/a%20b`, 400, 'validation-failed'],
    [`${instances}?state=running`, 400, 'validation-failed'],
    [`${instances}?limit=0`, 400, 'validation-failed'],
    [`${instances}?cursor=%3F`, 400, 'validation-failed'],
    [`${instances}?x=1`, 400, 'validation-failed'],
    [`${instances}/b?x=1`, 400, 'validation-failed'],
  ])('answers GET %s with %i %s', async (url, status, code) => {
    expect(await gateway.get(url)).toMatchObject({ status, body: { code } });
  });

  it.each([[{ reason: 7 }], [{ reason: 'x'.repeat(1_001) }], [{ why: 'x' }], [{ tenantId: '' }]])(
    'refuses the body %j',
    async (body) => {
      expect(await gateway.post(`${instances}/vendor-1/end`, body)).toMatchObject({
        status: 400,
        body: { code: 'validation-failed' },
      });
    },
  );

  it('is documented with lines that run, and with the fields that a process has', async () => {
    const page = readFileSync(new URL('../../../../docs/reference/http-api.md', import.meta.url), 'utf8');
    const section = page.split(/^## /m).find((part) => part.startsWith('Processes\n'))!;
    const lines = curlLines(section);
    expect(lines.length).toBe(5);
    for (const { url, init } of lines) {
      expect((await gateway.request(url.replace('http://127.0.0.1:3000', ''), init)).status).toBe(200);
    }
    const shown = JSON.parse(/```json\n([^]*?)```/.exec(section)![1]!) as object;
    const { body } = await gateway.get(`${path}/vendor-onboarding`);
    expect(Object.keys(body as object)).toEqual(Object.keys(shown));
  });
});
