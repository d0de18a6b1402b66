import { Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { type DocumentContext, type ReadModel, defineProjection } from '@annals/core';
import { createInMemoryDocuments, createInMemoryStore } from '@annals/testing';
import {
  EventsModule,
  EventsService,
  HostedProjection,
  InjectProjection,
  InjectReadModel,
  ProjectionsModule,
} from '../index.ts';

const userNames = defineProjection<DocumentContext>({
  name: 'user-names',
  eventTypes: ['user.*'],
  handle: ({ aggregateId, data }, documents) => documents.put(aggregateId!, data),
});

@Injectable()
class Users {
  constructor(
    @InjectReadModel(userNames) readonly names: ReadModel<{ name: string }>,
    @InjectProjection(userNames) readonly projection: HostedProjection,
  ) {}
}

@Module({ imports: [ProjectionsModule.forFeature([{ projection: userNames }])], providers: [Users] })
class UsersModule {}

describe('ProjectionsModule', () => {
  it('runs projections from the start of the application to its shutdown', async () => {
    const store = createInMemoryStore();
    const app = await Test.createTestingModule({ imports: [EventsModule.forRoot({ store }), UsersModule] }).compile();
    await expect(store.projections.get('user-names')).rejects.toMatchObject({ code: 'projection-not-found' });
    await app.init();
    const { names, projection } = app.get(Users, { strict: false });
    const { events } = await app
      .get(EventsService)
      .publishEvent('user.created', { name: 'Ada' }, { aggregateType: 'user', aggregateId: 'u1' });
    await projection.waitFor(events[0]!.position);
    expect(await names.get('u1')).toEqual({ name: 'Ada' });
    expect(await projection.status()).toMatchObject({ name: 'user-names', state: 'live' });
    await app.close();
    expect(await store.projections.get('user-names')).toMatchObject({ state: 'standby' });
    await store.close();
  });

  it('makes sinks of what is injected', async () => {
    const sink = createInMemoryDocuments();
    const store = createInMemoryStore();
    @Module({ providers: [{ provide: 'PREFIX', useValue: sink }], exports: ['PREFIX'] })
    class SinkModule {}
    const feature = { projection: userNames, useSink: (given: typeof sink) => given, inject: ['PREFIX'] };
    const app = await Test.createTestingModule({
      imports: [EventsModule.forRoot({ store }), ProjectionsModule.forFeature([feature], { imports: [SinkModule] })],
    }).compile();
    await app.init();
    const { events } = await store.append({ type: 'user', id: 'u2' }, { type: 'user.created', data: { name: 'Eve' } });
    await app.get<HostedProjection>('annals projection user-names', { strict: false }).waitFor(events[0]!.position);
    expect(sink.all('user-names')).toEqual({ u2: { name: 'Eve' } });
    await app.close();
    await store.close();
  });
});
