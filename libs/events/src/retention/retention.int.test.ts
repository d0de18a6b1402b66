import { Kvm } from '@nats-io/kv';
import { connect } from '@nats-io/transport-node';
import { Test, type TestingModule } from '@nestjs/testing';
import { type TestNatsServer, eventually, startNatsServer } from '@annals/testing';
import { EventsModule, type EventsModuleOptions, EventsService } from '../index.ts';

const DAY_MS = 86_400_000;
const USER = { aggregateId: 'user-1', aggregateType: 'user' };
const names = (list: string[], event: { data: unknown }): string[] => [...list, String(event.data)];

describe('Event Sourcing: retention options', () => {
  let server: TestNatsServer;
  let app: TestingModule;

  beforeEach(async () => {
    server = await startNatsServer();
  });
  afterEach(async () => {
    await app.close();
    await server.stop();
  });

  /** A service that lives some days from now. */
  async function start(daysFromNow: number, options: Pick<EventsModuleOptions, 'eventRetentionDays'> = {}) {
    const clock = { now: () => Date.now() + daysFromNow * DAY_MS };
    const module = EventsModule.forRoot({ servers: server.url, clock, ...options });
    app = await Test.createTestingModule({ imports: [module] }).compile();
    await app.init();
    return app.get(EventsService);
  }

  /** Three versions of one user, and one of a vendor. */
  async function publishSome(events: EventsService, tenantId: string): Promise<void> {
    for (const name of ['Ann', 'Bea', 'Cid']) await events.publishEvent('user.named', name, { ...USER, tenantId });
    await events.publishEvent('vendor.created', 'v', { aggregateId: 'v', aggregateType: 'vendor', tenantId });
  }

  /** What sweeps keep of the only stream: a lease while one works, a record once it was through. */
  async function traceOfSweeps(): Promise<'none' | 'begun' | 'done'> {
    const nc = await connect({ servers: server.url });
    try {
      const buckets = new Kvm(nc);
      for await (const { bucket } of buckets.list()) {
        if (bucket !== 'ANNALS_RETENTION') continue;
        return (await (await buckets.open(bucket)).get('record.EVENTS')) === null ? 'begun' : 'done';
      }
      return 'none';
    } finally {
      await nc.close();
    }
  }

  it('unset, keep every event for ever: nothing ever sweeps', async () => {
    await publishSome(await start(0), 'default');
    await app.close();
    const events = await start(36_000);
    expect(await events.getEventsForAggregate('user-1', 'user')).toHaveLength(3);
    expect(await events.reconstructState('user-1', 'user', [], names)).toEqual(['Ann', 'Bea', 'Cid']);
    await app.close();
    expect(await traceOfSweeps()).toBe('none');
  });

  it('set, leave younger events alone', async () => {
    await publishSome(await start(0), 'default');
    await app.close();
    const events = await start(29.9, { eventRetentionDays: 30 });
    await eventually(async () => (await traceOfSweeps()) === 'done');
    expect(await events.getEventsForAggregate('user-1', 'user')).toHaveLength(3);
    expect(await events.reconstructState('user-1', 'user', [], names)).toEqual(['Ann', 'Bea', 'Cid']);
  });

  it("set, remove older events but never an aggregate's newest, and say so", async () => {
    const tenant = { tenantId: 'old' };
    await publishSome(await start(0), 'old');
    await app.close();
    const events = await start(31, { eventRetentionDays: 30 });
    const left = await eventually(async () => {
      const stored = await events.getEventsForAggregate('user-1', 'user', tenant);
      return stored.length < 3 && stored;
    });
    expect(left).toMatchObject([{ version: 3, data: 'Cid' }]);
    expect(await events.getEventHistory('v', 'vendor', tenant)).toHaveLength(1);
    expect(await events.getCurrentVersion('user-1', 'user', tenant)).toBe(3);

    const iterated = events.iterateEventsForAggregate('user-1', 'user', tenant);
    for await (const event of iterated) expect(event.version).toBe(3);
    expect(iterated.retainedFromVersion).toBe(3);

    const incomplete = { code: 'history-incomplete', retainedFromVersion: 3 };
    const now = new Date();
    for (const earlier of [{}, { atVersion: 3 }, { atVersion: 1 }, { asOf: now }, { asOf: '2000-01-01T00:00:00Z' }]) {
      const state = events.reconstructState('user-1', 'user', [], names, { ...tenant, ...earlier });
      await expect(state).rejects.toMatchObject(incomplete);
    }
    const allowed = { ...tenant, allowIncomplete: true };
    expect(await events.reconstructStateWithVersion('user-1', 'user', [], names, allowed)).toEqual({
      state: ['Cid'],
      version: 3,
      retainedFromVersion: 3,
    });

    const next = await events.publishEvent('user.named', 'Dan', { ...USER, ...tenant, expectedVersion: 3 });
    expect(next.events[0]!.version).toBe(4);
    expect(await events.getEventsAfter('user-1', 'user', 0, tenant)).toHaveLength(2);
  });
});
