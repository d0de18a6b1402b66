import { EventRegistry, type EventStore } from '@annals/core';
import { createInMemoryStore } from '@annals/testing';
import { type ServiceOptions, resolveServiceOptions } from '../options/service-options.ts';
import { StartingRegistry } from '../registry/starting-registry.ts';
import { EventsService } from '../service/events.service.ts';
import { SnapshotService } from '../snapshot/snapshot.service.ts';
import type { FeatureOption } from './feature-disabled.ts';

const USER = ['user-1', 'user'] as const;

/** Every method that a feature turns on and off, called with arguments that are fine. */
const GATED: Record<FeatureOption, Record<string, (events: EventsService) => unknown>> = {
  enableAuditLog: {
    getEventHistory: (events) => events.getEventHistory(...USER),
    iterateEventHistory: async (events) => events.iterateEventHistory(...USER),
  },
  enableEventReplay: {
    replayEvents: (events) => events.replayEvents(),
    iterateEvents: async (events) => events.iterateEvents(),
    getEventsByType: (events) => events.getEventsByType('user.created'),
    getEventsByAggregateType: (events) => events.getEventsByAggregateType('user'),
    getEventsSince: (events) => events.getEventsSince('2024-01-01T00:00:00Z'),
    startReplay: (events) => events.startReplay({ target: { type: 'subject', subject: 'demo' } }),
  },
  enableStateReconstruction: {
    reconstructState: (events) => events.reconstructState(...USER, 0, (count) => count + 1),
    reconstructStateWithVersion: (events) => events.reconstructStateWithVersion(...USER, 0, (count) => count + 1),
  },
};

/** What a writer needs is never turned off. */
const ALWAYS: Record<string, (events: EventsService) => unknown> = {
  publishEvent: (events) => events.publishEvent('user.updated', {}),
  publishEvents: (events) => events.publishEvents([{ type: 'user.updated', data: {} }]),
  publish: (events) => events.publish({ eventType: 'user.updated', data: {} }),
  publishAll: (events) => events.publishAll([]),
  registerMigration: async (events) => [events.registerMigration('user.updated', 1, 2, { remove: ['x'] })],
  recordSnapshot: async (events) => {
    const [aggregateId, aggregateType] = USER;
    await events.publishEvent('user.updated', {}, { aggregateId, aggregateType });
    return events.recordSnapshot(...USER, { version: 1, state: {} });
  },
  getSnapshot: async (events) => [await events.getSnapshot(...USER)],
  listSnapshots: (events) => events.listSnapshots(),
  deleteSnapshot: (events) => events.deleteSnapshot(...USER),
  getEventsForAggregate: (events) => events.getEventsForAggregate(...USER),
  getEventsAfter: (events) => events.getEventsAfter(...USER, 0),
  iterateEventsForAggregate: async (events) => events.iterateEventsForAggregate(...USER),
  exists: (events) => events.exists(...USER),
  getCurrentVersion: (events) => events.getCurrentVersion(...USER),
  subscribeToEvents: (events) => events.subscribeToEvents(() => {}),
  getReplay: (events) => steered(events, (id) => events.getReplay(id)),
  listReplays: (events) => events.listReplays(),
  pauseReplay: (events) => steered(events, (id) => events.pauseReplay(id)),
  resumeReplay: (events) => steered(events, (id) => events.resumeReplay(id)),
  cancelReplay: (events) => steered(events, (id) => events.cancelReplay(id)),
};

/** Steers a replay that another process started. */
async function steered(events: EventsService, act: (id: string) => Promise<unknown>): Promise<unknown> {
  const { store } = events as unknown as { store: EventStore };
  const { id } = await store.replays.start({ target: { type: 'subject', subject: 'demo' } });
  return act(id);
}

function serviceOf(options: ServiceOptions): EventsService {
  return new EventsService(createInMemoryStore(), options, undefined, new StartingRegistry(new EventRegistry()));
}

const FEATURES = Object.keys(GATED) as FeatureOption[];

describe('Event Sourcing: feature options', () => {
  it.each(FEATURES)('%s: false turns off its methods and no others', async (option) => {
    const events = serviceOf(resolveServiceOptions({ [option]: false }));
    for (const feature of FEATURES) {
      for (const [method, call] of Object.entries(GATED[feature])) {
        const outcome = expect((async () => call(events))());
        if (feature !== option) await outcome.resolves.toBeDefined();
        else {
          await outcome.rejects.toMatchObject({
            name: 'FeatureDisabled',
            code: 'feature-disabled',
            option,
            method,
            message: expect.stringMatching(new RegExp(`^${method} .*${option}: false`)),
          });
        }
      }
    }
    for (const call of Object.values(ALWAYS)) await expect((async () => call(events))()).resolves.toBeDefined();
  });

  it('are all on unless set to false', async () => {
    const events = serviceOf(resolveServiceOptions({ enableAuditLog: undefined }));
    for (const feature of FEATURES) {
      for (const call of Object.values(GATED[feature]))
        await expect((async () => call(events))()).resolves.toBeDefined();
    }
  });

  it('cover every method of the service', () => {
    const named = [...FEATURES.flatMap((feature) => Object.keys(GATED[feature])), ...Object.keys(ALWAYS)];
    const declared = [EventsService, SnapshotService].flatMap((one) => Object.getOwnPropertyNames(one.prototype));
    const internal = ['constructor', 'collect', 'select', 'defaults'];
    expect(named.sort()).toEqual(declared.filter((name) => !internal.includes(name)).sort());
  });
});
