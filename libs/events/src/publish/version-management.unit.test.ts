import { createInMemoryStore } from '@annals/testing';
import { resolveServiceOptions } from '../options/service-options.ts';
import { EventsService } from '../service/events.service.ts';
import type { EventToPublish, PublishOptions } from './event-to-publish.ts';

const USER = { aggregateId: 'user-1', aggregateType: 'user' };

function service(): EventsService {
  return new EventsService(createInMemoryStore(), resolveServiceOptions({}));
}

/** A service whose user-1 is at version 2. */
async function withTwoEvents(): Promise<EventsService> {
  const events = service();
  await events.publishEvent('user.created', {}, USER);
  await events.publishEvent('user.updated', {}, USER);
  return events;
}

describe('Event Sourcing: version management', () => {
  it('counts versions from 1 for each aggregate by itself', async () => {
    const events = await withTwoEvents();
    await events.publishEvent('vendor.created', {}, { aggregateId: 'user-1', aggregateType: 'vendor' });
    const versions = (await events.getEventsForAggregate('user-1', 'user')).map((event) => event.version);
    expect(versions).toEqual([1, 2]);
    expect(await events.getCurrentVersion('user-1', 'user')).toBe(2);
    expect(await events.getCurrentVersion('user-1', 'vendor')).toBe(1);
    expect(await events.getCurrentVersion('user-2', 'user')).toBe(0);
  });

  it('knows which aggregates exist, each tenant by itself', async () => {
    const events = await withTwoEvents();
    expect(await events.exists('user-1', 'user')).toBe(true);
    expect(await events.exists('user-1', 'vendor')).toBe(false);
    expect(await events.exists('user-1', 'user', { tenantId: 'other' })).toBe(false);
    expect(await events.getCurrentVersion('user-1', 'user', { tenantId: 'other' })).toBe(0);
  });

  it.each<[string, PublishOptions]>([
    ['the number of the head', { expectedVersion: 2 }],
    ['that the aggregate exists', { expectedVersion: 'exists' }],
    ['anything', { expectedVersion: 'any' }],
    ['the version that comes next', { version: 3 }],
    ['the version that comes next and the head', { version: 3, expectedVersion: 2 }],
  ])('takes an event whose writer expects %s', async (_what, expectation) => {
    const events = await withTwoEvents();
    const result = await events.publishEvent('user.updated', {}, { ...USER, ...expectation });
    expect(result.events[0]!.version).toBe(3);
  });

  it.each<[string, PublishOptions, unknown]>([
    ['an older head', { expectedVersion: 1 }, 1],
    ['a head that is still to come', { expectedVersion: 3 }, 3],
    ['no event yet', { expectedVersion: 'none' }, 'none'],
    ['a version that is taken', { version: 2 }, 1],
  ])('refuses an event whose writer expects %s, and tells the head', async (_what, expectation, expectedVersion) => {
    const events = await withTwoEvents();
    await expect(events.publishEvent('user.updated', {}, { ...USER, ...expectation })).rejects.toMatchObject({
      code: 'concurrency-conflict',
      expectedVersion,
      actualVersion: 2,
    });
    expect(await events.getCurrentVersion('user-1', 'user')).toBe(2);
  });

  it('lets exactly one of many writers at one version win', async () => {
    const events = await withTwoEvents();
    const writers = Array.from({ length: 20 }, (_, i) =>
      events.publishEvent('user.updated', { i }, { ...USER, expectedVersion: 2 }),
    );
    const outcomes = await Promise.allSettled(writers);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await events.getCurrentVersion('user-1', 'user')).toBe(3);
  });

  it.each<[string, PublishOptions, string]>([
    ['a version that disagrees with the expected one', { ...USER, version: 3, expectedVersion: 1 }, 'version'],
    ['a version for a writer who expects anything', { ...USER, version: 3, expectedVersion: 'any' }, 'version'],
    ['a later version of a new aggregate', { ...USER, version: 2, expectedVersion: 'none' }, 'version'],
    ['version 0', { ...USER, version: 0 }, 'version'],
    ['a fractional version', { ...USER, version: 1.5 }, 'version'],
    ['a version beyond 2^53', { ...USER, version: 2 ** 53 }, 'version'],
    ['a version without aggregate', { version: 1 }, 'version'],
    ['a negative expected version', { ...USER, expectedVersion: -1 }, 'expectedVersion'],
    ['an expected version without aggregate', { expectedVersion: 1 }, 'expectedVersion'],
  ])('refuses %s as a wrong argument', async (_what, options, path) => {
    await expect((await withTwoEvents()).publishEvent('user.updated', {}, options)).rejects.toMatchObject({
      code: 'validation-failed',
      errors: [expect.objectContaining({ path })],
    });
  });

  it('takes version 1 and "none" as the same', async () => {
    const result = await service().publishEvent('user.created', {}, { ...USER, version: 1, expectedVersion: 'none' });
    expect(result.events[0]!.version).toBe(1);
  });
});

describe('Event Sourcing: versions of several events', () => {
  const list = (...claims: Pick<EventToPublish, 'version' | 'expectedVersion'>[]): EventToPublish[] =>
    claims.map((claim, i) => ({ type: 'user.updated', data: { i }, ...USER, ...claim }));

  it.each([
    ["the first event's expected version", list({ expectedVersion: 2 }, {}, {})],
    ['the same expected version on each', list({ expectedVersion: 2 }, { expectedVersion: 2 }, { expectedVersion: 2 })],
    ['a running expected version', list({ expectedVersion: 2 }, { expectedVersion: 3 }, { expectedVersion: 4 })],
    ['a version on each', list({ version: 3 }, { version: 4 }, { version: 5 })],
    ['a version on a later one', list({}, { version: 4 }, {})],
    ['a version on one and the expected version on the first', list({ expectedVersion: 2 }, {}, { version: 5 })],
  ])('reads %s as one expectation', async (_what, several) => {
    const events = await withTwoEvents();
    const result = await events.publishEvents(several);
    expect(result.events.map((event) => event.version)).toEqual([3, 4, 5]);

    const behind = service();
    await behind.publishEvent('user.created', {}, USER);
    await expect(behind.publishEvents(several)).rejects.toMatchObject({
      code: 'concurrency-conflict',
      expectedVersion: 2,
      actualVersion: 1,
    });
  });

  it.each([
    ['versions that do not follow', list({ version: 3 }, { version: 5 }), 'events.1.version'],
    ['a version too low for its place', list({}, { version: 1 }), 'events.1.version'],
    ['an expectation on a later event alone', list({}, { expectedVersion: 2 }), 'events.1.expectedVersion'],
    [
      'another expectation on a later event',
      list({ expectedVersion: 2 }, { expectedVersion: 'any' }),
      'events.1.expectedVersion',
    ],
  ])('refuses %s', async (_what, several, path) => {
    await expect((await withTwoEvents()).publishEvents(several)).rejects.toMatchObject({
      code: 'validation-failed',
      errors: [expect.objectContaining({ path })],
    });
  });
});
