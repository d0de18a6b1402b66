import { jest } from '@jest/globals';
import { type AppendPart, type EventStore, isConcurrencyError } from '@annals/core';
import { createInMemoryStore, generateEvents } from '@annals/testing';
import { loadEvents } from './load-events.ts';
import { verifyLoad } from './verify-load.ts';
import type { AtomicGroup } from './event-to-load.ts';

const generated = (events: number): AtomicGroup[] => [...generateEvents({ events })].map((event) => [event]);

describe('loading events', () => {
  let store: EventStore;
  beforeEach(() => {
    store = createInMemoryStore();
  });
  afterEach(() => store.close());

  it('appends all of them, and counts what it appended', async () => {
    const before = await store.stats();
    const report = await loadEvents(store, generated(3_000));
    expect(report).toMatchObject({ done: 3_000, appended: 3_000, alreadyThere: 0 });
    expect(verifyLoad(before, await store.stats(), report)).toEqual([]);
  });

  it('changes nothing the second time', async () => {
    await loadEvents(store, generated(1_000));
    const before = await store.stats();
    const report = await loadEvents(store, generated(1_000));
    expect(report).toMatchObject({ done: 1_000, appended: 0, alreadyThere: 1_000 });
    expect(await store.stats()).toEqual(before);
  });

  it('takes up a load that was broken off, and one that becomes larger', async () => {
    const abort = new AbortController();
    const onProgress = ({ done }: { done: number }) => done >= 500 && abort.abort(new Error('enough'));
    await expect(
      loadEvents(store, generated(2_000), { onProgress, signal: abort.signal, eventsPerAppend: 100 }),
    ).rejects.toThrow('enough');
    const { totalEvents } = await store.stats();
    expect(totalEvents).toBeLessThan(2_000);
    expect(await loadEvents(store, generated(2_500))).toMatchObject({
      done: 2_500,
      appended: 2_500 - totalEvents,
      alreadyThere: totalEvents,
    });
    expect((await store.stats()).totalEvents).toBe(2_500);
  });

  it('never splits what belongs together', async () => {
    const appends: number[] = [];
    const spy = { ...spied(store), appendAll: (parts: readonly AppendPart[]) => count(parts) };
    const count = (parts: readonly AppendPart[]) => {
      appends.push(parts.reduce((sum, part) => sum + part.events.length, 0));
      return store.appendAll(parts);
    };
    const groups = Array.from({ length: 10 }, (_, i) =>
      ['a', 'b', 'c'].map((id) => ({
        aggregate: { type: 'thing', id },
        version: i + 1,
        event: { type: 'thing.done', data: i, messageId: `${id}-${i}` },
      })),
    );
    await loadEvents(spy, groups, { eventsPerAppend: 10 });
    expect(appends).toEqual([9, 9, 9, 3]);
  });

  it('has no more appends in flight than allowed', async () => {
    let inFlight = 0;
    let most = 0;
    const spy = {
      ...spied(store),
      appendAll: async (parts: readonly AppendPart[]) => {
        most = Math.max(most, ++inFlight);
        try {
          return await store.appendAll(parts);
        } finally {
          inFlight -= 1;
        }
      },
    };
    await loadEvents(spy, generated(1_000), { eventsPerAppend: 20, appendsInFlight: 3 });
    expect(most).toBe(3);
  });

  it('asks no aggregate for its head when the store has none of the events', async () => {
    const currentVersion = jest.fn(spied(store).currentVersion);
    await loadEvents({ ...spied(store), currentVersion }, generated(1_000));
    expect(currentVersion).toHaveBeenCalledTimes(1);
  });

  it('stops with the conflict when somebody else wrote to an aggregate', async () => {
    const [, , third] = generated(10);
    await store.append(third![0]!.aggregate, { type: 'something.else', data: {} });
    const failure = await loadEvents(store, generated(10)).catch((error: unknown) => error);
    expect(isConcurrencyError(failure)).toBe(true);
    expect((await store.stats()).totalEvents).toBe(1);
  });

  it('finds a count that is wrong', async () => {
    const before = await store.stats();
    const report = await loadEvents(store, generated(100));
    await store.append({ type: 'cart', id: 'x' }, { type: 'cart.created', data: {} });
    expect(verifyLoad(before, await store.stats(), report)).toEqual(
      expect.arrayContaining([{ what: 'all events', expected: 100, actual: 101 }]),
    );
  });
});

function spied(store: EventStore): Pick<EventStore, 'appendAll' | 'currentVersion'> {
  return {
    appendAll: (parts, options) => store.appendAll(parts, options),
    currentVersion: (aggregate) => store.currentVersion(aggregate),
  };
}
