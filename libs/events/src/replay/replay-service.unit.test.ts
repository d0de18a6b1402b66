import { createInMemoryStore, eventually } from '@annals/testing';
import { EventsService, type ReplaySummary, replaySummary } from '../index.ts';
import { resolveServiceOptions } from '../options/service-options.ts';

const published: { subject: string; tenantId: string }[] = [];
const target = { type: 'subject', subject: 'demo.replay' } as const;

async function withEvents(): Promise<EventsService> {
  published.length = 0;
  const onPublish = (subject: string, json: string): void => {
    published.push({ subject, tenantId: (JSON.parse(json) as { tenantId: string }).tenantId });
  };
  const events = new EventsService(createInMemoryStore({ onPublish }), resolveServiceOptions({ tenantId: 'acme' }));
  const user = { aggregateId: 'u-1', aggregateType: 'user' };
  await events.publishEvents(Array.from({ length: 3 }, () => ({ ...user, type: 'user.updated', data: {} })));
  await events.publishEvent('invoice.created', {}, { tenantId: 'other' });
  return events;
}

const untilOver = (events: EventsService, id: string): Promise<ReplaySummary> =>
  eventually(async () => {
    const summary = replaySummary(await events.getReplay(id));
    return !summary.inProgress && summary;
  });

describe('Event Sourcing: replays of the service', () => {
  it('hand over the events of its tenant, and are summed up in few words', async () => {
    const events = await withEvents();
    const { id } = await events.startReplay({ filter: { eventTypes: ['user.*', 'invoice.created'] }, target });
    expect(await untilOver(events, id)).toEqual({
      id,
      pattern: 'user.*,invoice.created',
      eventCount: 3,
      successCount: 3,
      failureCount: 0,
      inProgress: false,
    });
    expect(published.map(({ tenantId }) => tenantId)).toEqual(['acme', 'acme', 'acme']);
  });

  it('hand over those of another tenant or of all when they are asked to', async () => {
    const events = await withEvents();
    const other = await events.startReplay({ filter: { tenantId: 'other' }, target });
    expect(await untilOver(events, other.id)).toMatchObject({ pattern: '>', successCount: 1 });
    const all = await events.startReplay({ allTenants: true, target });
    expect(await untilOver(events, all.id)).toMatchObject({ successCount: 4 });
  });

  it('are paused, resumed, listed and cancelled', async () => {
    const events = await withEvents();
    const { id } = await events.startReplay({ target, ratePerSecond: 0.01 });
    expect(await events.pauseReplay(id)).toMatchObject({ state: 'paused' });
    expect((await events.listReplays({ states: ['paused'] })).jobs.map((job) => job.id)).toEqual([id]);
    expect(await events.resumeReplay(id)).toMatchObject({ state: 'pending' });
    expect(await events.cancelReplay(id)).toMatchObject({ state: 'cancelled' });
    expect(replaySummary(await events.getReplay(id)).inProgress).toBe(false);
  });
});
