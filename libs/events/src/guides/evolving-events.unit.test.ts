// The snippets of docs/guides/evolving-events.md: each region stands there word for word.
import { Test, type TestingModule } from '@nestjs/testing';
import { createInMemoryStore, eventually, testMigrations } from '@annals/testing';
import type { EventStore } from '@annals/core';
import { EventsService, type IEventsService } from '../index.ts';

// #region classes
import { IsEmail, IsString } from 'class-validator';
import { EventType, EventsModule, classEvents } from '../index.ts';

@EventType('user.created', { version: 2, migrations: { 1: { rename: { label: 'name' } } } })
export class UserCreated {
  @IsString()
  name!: string;

  @IsEmail()
  email!: string;
}

const store = createInMemoryStore();
export const eventsModule = EventsModule.forRoot({ store, registry: classEvents(UserCreated) });
// #endregion

// #region register
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';

@Injectable()
export class Migrations implements OnModuleInit {
  constructor(@Inject('EventsService') private readonly events: IEventsService) {}

  onModuleInit(): void {
    this.events.registerMigration('RequirementApproved', 'v1', 'v2', (event) => ({
      ...event,
      approverRole: event.approverRole ?? 'REVIEWER', // for old events
    }));
    this.events.registerMigration('RequirementApproved', 'v2', 'v3', { remove: ['comment'] });
  }
}
// #endregion

// #region split
import { EventRegistry, splitInto } from '../index.ts';

export const registry = new EventRegistry()
  .registerMigration('user.moved', 1, 2, ({ city, phone }: { city: string; phone: string }) =>
    splitInto({ data: { city } }, { type: 'user.called', data: { phone } }),
  )
  .registerMigration('user.pinged', 1, 2, () => splitInto()); // is nothing today
// #endregion

describe('the guide on evolving events', () => {
  let app: TestingModule;
  let events: IEventsService;
  let beneath: EventStore;

  beforeEach(async () => {
    beneath = store;
    app = await Test.createTestingModule({ imports: [eventsModule], providers: [Migrations] }).compile();
    await app.init();
    events = app.get(EventsService);
  });

  afterEach(() => app.close());

  it('checks and revives classes, and migrates', async () => {
    await expect(events.publishEvent('user.created', { name: 'Ada', email: 'ada' })).rejects.toMatchObject({
      errors: [{ path: 'data.email', message: 'must be an email' }],
    });
    await beneath.append({ type: 'user', id: 'u1' }, { type: 'user.created', data: { label: 'Ada', email: 'a@b.ch' } });
    const [created] = await events.getEventsForAggregate<UserCreated>('u1', 'user');
    expect(created!.data).toBeInstanceOf(UserCreated);
    expect(created!.data.name).toBe('Ada');

    const ref = { type: 'Requirement', id: 'r1' };
    await beneath.append(ref, { type: 'RequirementApproved', data: { by: 'ada', comment: 'fine' } });
    expect(await events.getEventsForAggregate('r1', 'Requirement')).toMatchObject([
      { schemaVersion: 3, data: { by: 'ada', approverRole: 'REVIEWER' } },
    ]);
  });

  it('may stop a subscription at what cannot be migrated', async () => {
    const broken = createInMemoryStore();
    await broken.append({ type: 'user', id: 'u1' }, { type: 'user.created', data: 'not an object' });
    const failing = Test.createTestingModule({
      imports: [EventsModule.forRoot({ store: broken, registry: classEvents(UserCreated) })],
    });
    const other = await (await failing.compile()).init();
    const warnings: string[] = [];
    const alarm = (error: Error): void => void warnings.push(error.message);
    const bill = (): void => {};
    const events = other.get(EventsService);
    // #region stop
    const billing = await events.subscribeToEvents('user.*', bill, { name: 'billing', onUpcastFailure: 'stop' });
    billing.finished.catch(alarm);
    // #endregion
    await eventually(() => warnings.length === 1);
    expect(warnings[0]).toMatch(/user.created \(version 1, EVENTS:1\) cannot be migrated from schema version 1/);
    await other.close();
  });

  it('is tested without a store', () => {
    // #region test
    testMigrations(registry)
      .given({ type: 'user.moved', schemaVersion: 1, data: { city: 'Bern', phone: '1' } })
      .expect({ type: 'user.moved', data: { city: 'Bern' } }, { type: 'user.called', data: { phone: '1' } });
    // #endregion
  });
});
