import { AnnalsClient } from './index.ts';
import { type ScriptedServer, json, startScriptedServer } from './scripted-server.spec-support.ts';

describe("the client's operations", () => {
  let server: ScriptedServer;
  let client: AnnalsClient;
  let acme: AnnalsClient;

  beforeEach(async () => {
    server = await startScriptedServer();
    client = new AnnalsClient({ baseUrl: server.url });
    acme = new AnnalsClient({ baseUrl: server.url, tenantId: 'acme' });
  });

  afterEach(() => server.stop());

  const last = () => server.received.at(-1)!;
  const lastRequest = () => {
    const { method, url, body } = last();
    return [`${method} ${url}`, body];
  };

  describe('on subscriptions', () => {
    it('asks for all, one, and what is done with it', async () => {
      server.answer = json(200, { name: 'billing' });
      await client.subscriptions.list({ limit: 5, cursor: 'c' });
      expect(lastRequest()).toEqual(['GET /events/subscriptions?limit=5&cursor=c', undefined]);
      expect(await client.subscriptions.get('a b')).toEqual({ name: 'billing' });
      expect(lastRequest()).toEqual(['GET /events/subscriptions/a%20b', undefined]);
      await client.subscriptions.pause('billing');
      expect(lastRequest()).toEqual(['POST /events/subscriptions/billing/pause', undefined]);
      await client.subscriptions.resume('billing');
      expect(lastRequest()).toEqual(['POST /events/subscriptions/billing/resume', undefined]);
    });

    it('makes, rewinds and deletes', async () => {
      const wanted = { name: 'billing', filter: { eventTypes: ['order.*'] }, from: 'now', mode: 'ordered' } as const;
      await client.subscriptions.create(wanted);
      expect(lastRequest()).toEqual(['POST /events/subscriptions', wanted]);
      await client.subscriptions.rewind('billing', 'beginning');
      expect(lastRequest()).toEqual(['POST /events/subscriptions/billing/rewind', { to: 'beginning' }]);
      const to = { after: { stream: 'EVENTS', sequence: 5 } };
      await client.subscriptions.previewRewind('billing', to);
      expect(last().body).toEqual({ to, preview: true });
      server.answer = (response) => void response.writeHead(204).end();
      expect(await client.subscriptions.delete('billing')).toBeUndefined();
      expect(lastRequest()).toEqual(['DELETE /events/subscriptions/billing', undefined]);
    });
  });

  describe('on processes', () => {
    it('asks for all, one, its instances and one of these, and ends it', async () => {
      server.answer = json(200, { name: 'billing' });
      await client.processes.list({ limit: 5 });
      expect(lastRequest()).toEqual(['GET /events/processes?limit=5', undefined]);
      expect(await client.processes.get('a b')).toEqual({ name: 'billing' });
      expect(lastRequest()).toEqual(['GET /events/processes/a%20b', undefined]);
      await acme.processes.instances('a', { state: 'timed-out', limit: 5 });
      expect(lastRequest()).toEqual([
        'GET /events/processes/a/instances?state=timed-out&limit=5&tenantId=acme',
        undefined,
      ]);
      await client.processes.instance('a', 'b/c', { tenantId: 't' });
      expect(lastRequest()).toEqual(['GET /events/processes/a/instances/b%2Fc?tenantId=t', undefined]);
      await acme.processes.end('a', 'b', { reason: 'by hand' });
      expect(lastRequest()).toEqual([
        'POST /events/processes/a/instances/b/end',
        { reason: 'by hand', tenantId: 'acme' },
      ]);
    });
  });

  describe('on dead letters', () => {
    it('lists by criteria, of its tenant where it has one', async () => {
      await client.deadLetters.list({ subscription: 'billing', kinds: ['parked', 'rejected'], limit: 5 });
      expect(last().url).toBe('/events/dead-letters?subscription=billing&kinds=parked%2Crejected&limit=5');
      await acme.deadLetters.list();
      expect(last().url).toBe('/events/dead-letters?tenantId=acme');
    });

    it('reads all as they come', async () => {
      server.answer = (response) => void response.end('{"id":"a/E/1"}\n{"id":"a/E/2"}\n');
      const ids: string[] = [];
      for await (const { id } of client.deadLetters.stream({ subscription: 'a' })) ids.push(id);
      expect(ids).toEqual(['a/E/1', 'a/E/2']);
      expect(last()).toMatchObject({
        url: '/events/dead-letters?subscription=a',
        headers: { accept: 'application/x-ndjson' },
      });
    });

    it('gets, redrives and deletes one by its id', async () => {
      const id = 'billing:v2/EVENTS/17';
      await client.deadLetters.get(id);
      expect(lastRequest()).toEqual(['GET /events/dead-letters/billing%3Av2/EVENTS/17', undefined]);
      await client.deadLetters.redrive(id);
      expect(lastRequest()).toEqual(['POST /events/dead-letters/billing%3Av2/EVENTS/17/redrive', undefined]);
      server.answer = (response) => void response.writeHead(204).end();
      await client.deadLetters.delete(id);
      expect(lastRequest()).toEqual(['DELETE /events/dead-letters/billing%3Av2/EVENTS/17', undefined]);
    });

    it('redrives and purges many, of its tenant where it has one', async () => {
      await client.deadLetters.redrive({ ids: ['a/E/1'], ratePerSecond: 5 });
      expect(lastRequest()).toEqual(['POST /events/dead-letters/redrive', { ids: ['a/E/1'], ratePerSecond: 5 }]);
      await acme.deadLetters.redrive({ all: true });
      expect(last().body).toEqual({ all: true, tenantId: 'acme' });
      server.answer = json(200, { purged: 3 });
      expect(await client.deadLetters.purge({ subscription: 'a' })).toEqual({ purged: 3 });
      expect(lastRequest()).toEqual(['POST /events/dead-letters/purge', { subscription: 'a' }]);
      await acme.deadLetters.purge({ subscription: 'a' });
      expect(last().body).toEqual({ subscription: 'a', tenantId: 'acme' });
    });
  });

  describe('on states', () => {
    it('asks for one at a version or time, and for what changed', async () => {
      server.answer = json(200, { version: 3, state: { name: 'Ada' } });
      const { state } = await client.state<{ name: string }>({ aggregateId: 'a b', atVersion: 0 });
      expect(state.name).toBe('Ada');
      expect(last().url).toBe('/events/aggregate/state?aggregateId=a+b&atVersion=0');
      await acme.state({ aggregateId: 'u1', aggregateType: 'user', asOf: '2024-01-01T00:00:00+01:00' });
      expect(last().url).toBe(
        '/events/aggregate/state?aggregateId=u1&aggregateType=user&asOf=2024-01-01T00%3A00%3A00%2B01%3A00&tenantId=acme',
      );
      await client.diff({ aggregateId: 'u1', from: 1, to: '2024-01-01T00:00:00Z' });
      expect(last().url).toBe('/events/aggregate/diff?aggregateId=u1&from=1&to=2024-01-01T00%3A00%3A00Z');
    });

    it('waits for the last line on schema versions, and tells how far it is', async () => {
      const answer = { events: 20_000, complete: true, versions: [] };
      server.answer = (response) => void response.end(`{"read":0}\n{"read":10000}\n${JSON.stringify(answer)}\n`);
      const told: number[] = [];
      expect(await acme.schemaVersions({}, { onProgress: (events) => void told.push(events) })).toEqual(answer);
      expect(told).toEqual([0, 10_000]);
      expect(last()).toMatchObject({
        url: '/events/schema-versions?tenantId=acme',
        headers: { accept: 'application/x-ndjson' },
      });
      server.answer = (response) => void response.end('{"read":0}\n');
      await expect(client.schemaVersions()).rejects.toMatchObject({ name: 'StreamBrokenOff' });
    });
  });

  describe('on snapshots', () => {
    it('lists, gets, takes and deletes, of its tenant where it has one', async () => {
      server.answer = json(200, { version: 3, state: 1 });
      await client.snapshots.list({ aggregateType: 'user', limit: 5 });
      expect(last().url).toBe('/events/snapshots?aggregateType=user&limit=5');
      await acme.snapshots.list();
      expect(last().url).toBe('/events/snapshots?tenantId=acme');
      const ref = { type: 'user', id: 'a/b' };
      expect((await client.snapshots.get<number>(ref)).state).toBe(1);
      expect(lastRequest()).toEqual(['GET /events/snapshots/user/a%2Fb', undefined]);
      await acme.snapshots.take(ref);
      expect(lastRequest()).toEqual(['POST /events/snapshots/user/a%2Fb?tenantId=acme', undefined]);
      server.answer = (response) => void response.writeHead(204).end();
      await acme.snapshots.delete({ ...ref, tenantId: 'other' });
      expect(lastRequest()).toEqual(['DELETE /events/snapshots/user/a%2Fb?tenantId=other', undefined]);
    });
  });

  describe('on projections', () => {
    it('asks for all, one, what is done with it, and to forget it', async () => {
      server.answer = json(200, { name: 'names' });
      await client.projections.list({ limit: 5, cursor: 'c' });
      expect(lastRequest()).toEqual(['GET /events/projections?limit=5&cursor=c', undefined]);
      expect(await client.projections.get('a b')).toEqual({ name: 'names' });
      expect(lastRequest()).toEqual(['GET /events/projections/a%20b', undefined]);
      for (const action of ['pause', 'resume', 'rebuild'] as const) {
        await client.projections[action]('names');
        expect(lastRequest()).toEqual([`POST /events/projections/names/${action}`, undefined]);
      }
      server.answer = (response) => void response.writeHead(204).end();
      await client.projections.forget('names');
      expect(lastRequest()).toEqual(['DELETE /events/projections/names', undefined]);
    });
  });

  describe('on replays', () => {
    it('starts one with its criteria, target and key', async () => {
      server.answer = json(202, { id: 'r1' });
      const wanted = { eventTypes: ['user.*'], target: { subscription: 'billing' }, ratePerSecond: 5 };
      expect(await client.replays.start(wanted, { idempotencyKey: 'k' })).toEqual({ id: 'r1' });
      expect(lastRequest()).toEqual(['POST /events/replay', wanted]);
      expect(last().headers['idempotency-key']).toBe('k');
      await client.replays.start(wanted);
      expect(last().headers).not.toHaveProperty('idempotency-key');
    });

    it('is about its tenant where it has one, unless the call says otherwise', async () => {
      const target = { file: 'all.ndjson' };
      await acme.replays.start({ target });
      expect(last().body).toEqual({ target, tenantId: 'acme' });
      await acme.replays.start({ target, tenantId: 'other' });
      expect(last().body).toEqual({ target, tenantId: 'other' });
      await acme.replays.start({ target, allTenants: true });
      expect(last().body).toEqual({ target, allTenants: true });
    });

    it('lists, shows, pauses, resumes and cancels', async () => {
      await client.replays.list({ state: ['running', 'paused'], limit: 2 });
      expect(last().url).toBe('/events/replays?state=running%2Cpaused&limit=2');
      await client.replays.list({ state: 'failed' });
      expect(last().url).toBe('/events/replays?state=failed');
      await client.replays.get('r1');
      expect(lastRequest()).toEqual(['GET /events/replays/r1', undefined]);
      for (const action of ['pause', 'resume', 'cancel'] as const) {
        await client.replays[action]('r1');
        expect(lastRequest()).toEqual([`POST /events/replays/r1/${action}`, undefined]);
      }
    });
  });
});
