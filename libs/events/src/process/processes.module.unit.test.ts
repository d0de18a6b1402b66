import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type CommandContext, type EventStore, defineProcess } from '@annals/core';
import { createInMemoryStore, eventually } from '@annals/testing';
import { Inject, Injectable, Module, type Type } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { EventsModule } from '../events.module.ts';
import { EventsService } from '../service/events.service.ts';
import { ProcessesModule } from './processes.module.ts';

const welcome = defineProcess<{ greeted: boolean }>({
  name: 'welcome',
  startsOn: ['user.created'],
  reactsTo: ['user.greeted'],
  correlate: ({ aggregateId }) => aggregateId,
  initialState: { greeted: false },
  commands: ['greet'],
  handle: (_, input) => {
    if (input.type !== 'event') return undefined;
    if (input.event.type === 'user.greeted') return { state: { greeted: true }, end: 'greeted' };
    return { commands: { name: 'greet', data: { text: 'hello' } } };
  },
});

@Injectable()
class Greetings {
  constructor(@Inject(EventsService) private readonly events: EventsService) {}

  async greet({ text }: { text: string }, { key, idempotencyId }: CommandContext): Promise<void> {
    await this.events.publishEvent(
      'user.greeted',
      { text },
      {
        aggregateType: 'user',
        aggregateId: key,
        messageId: idempotencyId,
      },
    );
  }
}

@Injectable()
class Mute {}

describe('ProcessesModule', () => {
  let store: EventStore;
  let application: TestingModule | undefined;

  beforeEach(() => {
    store = createInMemoryStore();
  });

  afterEach(async () => {
    await application?.close();
    application = undefined;
    await store.close();
  });

  async function start(commands?: Type<unknown>): Promise<void> {
    const events = EventsModule.forRoot({ store });
    @Module({
      imports: [events, ProcessesModule.forFeature([{ process: welcome, commands }], { imports: [events] })],
      providers: [Greetings, Mute],
    })
    class AppModule {}
    const starting = await Test.createTestingModule({ imports: [AppModule] }).compile();
    await starting.init();
    application = starting;
  }

  it('runs processes with injected commands, whose events belong to the chain and tenant of the instance', async () => {
    await start(Greetings);
    const user = { type: 'user', id: 'ada', tenantId: 'acme' };
    await store.append(user, { type: 'user.created', data: {}, messageId: 'm1', correlationId: 'chain' });
    await eventually(
      async () => (await store.processes.instance('welcome', 'ada', { tenantId: 'acme' })).state === 'ended',
    );
    const { events } = await store.load(user);
    expect(events[1]).toMatchObject({
      type: 'user.greeted',
      correlationId: 'chain',
      causationId: 'm1',
      tenantId: 'acme',
    });
  });

  it('stops them with the application', async () => {
    await start(Greetings);
    await eventually(async () => (await store.processes.get('welcome')).state === 'running');
    await application?.close();
    expect((await store.processes.get('welcome')).state).toBe('standby');
  });

  it.each([
    ['whose provider lacks a command', Mute, /commands.greet must be a method of Mute/],
    ['that is given no provider', undefined, /commands.greet must be a function/],
  ])('does not start an application with a process %s', async (_, commands, says) => {
    await expect(start(commands)).rejects.toThrow(says);
  });
});
