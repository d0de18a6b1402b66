import { ProjectionNotFound, type ProjectionStatus, defineProjection } from '@annals/core';
import { createInMemoryStore, eventually } from '@annals/testing';
import { type InMemoryGateway, startInMemoryGateway } from '../bootstrap/in-memory-gateway.spec-support.ts';
import { type ScriptedPorts, scriptedPorts } from '../operations/scripted-ports.spec-support.ts';

const status = (name: string): ProjectionStatus => ({
  name,
  version: 2,
  state: 'failed',
  generation: 3,
  checkpoint: [{ stream: 'EVENTS', sequence: 5 }],
  head: [{ stream: 'EVENTS', sequence: 9 }],
  lagEvents: 4,
  lagMs: 1_500,
  ratePerSecond: 0.5,
  handled: 5,
  lastError: { message: 'no', at: '2024-01-01T00:00:00Z', position: { stream: 'EVENTS', sequence: 6 } },
  rebuild: { generation: 4, checkpoint: [], lagEvents: 9 },
  updatedAt: '2024-01-01T00:00:00Z',
});

describe('/events/projections', () => {
  let ports: ScriptedPorts;
  let gateway: InMemoryGateway;

  beforeAll(async () => {
    const ofOne = (name: string) => {
      if (name === 'none') throw new ProjectionNotFound(name);
      return status(name);
    };
    ports = scriptedPorts({
      projections: {
        list: () => ['b', 'a', 'c'].map(status),
        get: ofOne,
        pause: ofOne,
        resume: ofOne,
        rebuild: ofOne,
        forget: ofOne,
      },
    });
    gateway = await startInMemoryGateway({ store: ports.store });
  });

  afterAll(() => gateway.stop());

  it('lists them by name in pages', async () => {
    const { body } = await gateway.get('/events/projections?limit=2');
    expect(body).toMatchObject({ projections: [{ name: 'a' }, { name: 'b' }] });
    const { nextCursor } = body as { nextCursor: string };
    expect((await gateway.get(`/api/events/projections?cursor=${nextCursor}`)).body).toMatchObject({
      projections: [{ name: 'c' }],
      nextCursor: null,
    });
  });

  it('shows one with all that is known of it', async () => {
    expect(await gateway.get('/events/projections/names')).toMatchObject({ status: 200, body: status('names') });
  });

  it('steers one and forgets it', async () => {
    for (const [action, answer] of [
      ['pause', 200],
      ['resume', 200],
      ['rebuild', 202],
    ] as const) {
      const path = `/events/projections/names/${action}`;
      expect(await gateway.request(path, { method: 'POST' })).toMatchObject({
        status: answer,
        body: { name: 'names' },
      });
      expect(ports.calls.at(-1)).toEqual({ method: action, args: ['names'] });
    }
    expect((await gateway.request('/events/projections/names', { method: 'DELETE' })).status).toBe(204);
    expect(ports.calls.at(-1)).toEqual({ method: 'forget', args: ['names'] });
  });

  it('answers 404 for one that nobody has run', async () => {
    for (const [path, method] of [
      ['none', 'GET'],
      ['none/pause', 'POST'],
      ['none/resume', 'POST'],
      ['none/rebuild', 'POST'],
      ['none', 'DELETE'],
    ] as const) {
      const answer = await gateway.request(`/events/projections/${path}`, { method });
      expect(answer).toMatchObject({ status: 404, body: { code: 'projection-not-found' } });
    }
  });

  it('answers 400 for what is no input of the routes', async () => {
    for (const path of ['?nonsense=1', '?limit=0', '?cursor=%21', '/a%20b', '/names?limit=1']) {
      expect(await gateway.get(`/events/projections${path}`)).toMatchObject({ status: 400 });
    }
    const answer = await gateway.post('/events/projections/names/pause', { until: 'later' });
    expect(answer).toMatchObject({ status: 400, body: { code: 'validation-failed' } });
  });
});

describe('/events/projections of a real one', () => {
  it('pauses, resumes and rebuilds what runs in a process', async () => {
    const store = createInMemoryStore();
    const gateway = await startInMemoryGateway({ store });
    const path = '/events/projections/names';
    const state = async () => ((await gateway.get(path)).body as { state: string }).state;
    const running = await store.projections.run(
      defineProjection({ name: 'names', handle: () => {} }),
      store.projections.documents,
    );
    try {
      await store.append({ type: 'user', id: 'u1' }, { type: 'user.created', data: {} });
      await eventually(async () => (await gateway.get(path)).status === 200 && (await state()) === 'live');
      expect(await gateway.post(`${path}/pause`, {})).toMatchObject({ status: 200, body: { state: 'paused' } });
      expect((await gateway.post(`${path}/resume`, {})).status).toBe(200);
      await eventually(async () => (await state()) === 'live');
      expect((await gateway.post(`${path}/rebuild`, {})).status).toBe(202);
      await eventually(async () => ((await gateway.get(path)).body as { generation: number }).generation > 1);
    } finally {
      await running.stop();
      await gateway.stop();
    }
  });
});
