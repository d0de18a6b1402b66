import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type ActiveSubscription,
  type EventHandler,
  type EventRegistry,
  type EventStore,
  type HandlingOptions,
  type RecordedEvent,
  type ReplaySinks,
  isReplayOver,
  withRegistry,
} from '@annals/core';
import * as fc from 'fast-check';
import { eventually } from '../../wait/eventually.ts';
import { ContractContext, type TestAggregate, collect } from '../contract-context.ts';
import { RecordingTarget } from '../replay/recording-target.ts';
import { BROKEN, KINDS, type OldEvent, registryOfToday } from './old-events.ts';

/** Opens the stores whose events are put to the test. */
export interface UpcastingStoreFactory {
  /**
   * Opens a store without a registry of its own, which drives replays to these targets by the given one. The suite closes
   * what it opens.
   */
  open(sinks: ReplaySinks, replayRegistry: EventRegistry): Promise<EventStore>;
}

/**
 * Tests that events leave a store as they are today, on every way out, for one implementation.
 *
 * @param name of the implementation, for the tests' names
 */
export function describeUpcasting(name: string, factory: UpcastingStoreFactory): void {
  describe(`${name} with a registry`, () => {
    const target = new RecordingTarget();
    const registry = registryOfToday();
    // Closes with the store that it wraps; a second one is on no data of its own.
    const context = new ContractContext({ open: () => factory.open({ webhook: target }, registry) });
    const active: ActiveSubscription[] = [];
    let stored: EventStore;
    let store: EventStore;
    let aggregate: TestAggregate;

    beforeAll(async () => {
      await context.open();
      stored = context.store;
      store = withRegistry(stored, registry);
    });
    afterAll(async () => {
      await Promise.all(active.map((one) => one.stop()));
      await context.close();
    });
    beforeEach(() => {
      aggregate = context.aggregate('person');
    });

    async function subscribe(handler: EventHandler, options: HandlingOptions = {}): Promise<ActiveSubscription> {
      const subscription = await store.subscriptions.subscribe(
        { name: context.unique('s'), filter: { tenantId: aggregate.tenantId }, mode: 'ordered', ...options },
        handler,
      );
      active.push(subscription);
      return subscription;
    }

    it('hands over nothing before the registry is sealed', async () => {
      await stored.append(aggregate, { type: 'person.named', data: { label: 'Ada' } });
      const seen: unknown[] = [];
      const subscription = await subscribe((event) => void seen.push(event.data));
      const replay = await store.replays.start({
        target: webhook(aggregate),
        filter: { tenantId: aggregate.tenantId },
      });
      await eventually(() => Promise.resolve(subscription.counts.inHand > 0));
      expect([seen, target.received(webhook(aggregate).url)]).toEqual([[], []]);
      registry.seal();
      await eventually(() => Promise.resolve(seen.length > 0));
      expect(seen).toEqual([{ name: 'Ada', title: null }]);
      await eventually(async () => isReplayOver((await store.replays.get(replay.id)).state));
      expect(target.received(webhook(aggregate).url).map(({ data }) => data)).toEqual(seen);
    });

    it('reads, loads and follows events as they are today', async () => {
      await fc.assert(
        fc.asyncProperty(histories(1), async (history) => {
          aggregate = context.aggregate('person');
          await stored.append(aggregate, writtenIn(history));
          const today = todayOf(history);
          const backwards = [...history].reverse();
          expect(shortOf(await collect(store.readAggregate(aggregate)))).toEqual(today);
          expect(shortOf(await collect(store.readAggregate(aggregate, { direction: 'backwards' })))).toEqual(
            todayOf(backwards),
          );
          expect(shortOf(await collect(store.readAt(aggregate, '2999-01-01T00:00:00Z')))).toEqual(today);
          expect(shortOf(await collect(store.readAll({ tenantId: aggregate.tenantId })))).toEqual(today);
          for (const cache of [false, true, true]) {
            const loaded = await store.load(aggregate, { cache });
            expect([shortOf(loaded.events), loaded.version]).toEqual([today, history.length]);
          }
          expect(await followed(aggregate.tenantId, today.length)).toEqual(today);
        }),
        { numRuns: 8 },
      );
    });

    it('gives the parts of an event its version and position, and says which part each is', async () => {
      const { events } = await stored.append(aggregate, { type: 'person.moved', data: { city: 'Bern', phone: '1' } });
      const [first, second] = await collect(store.readAggregate(aggregate));
      expect([first!.part, second!.part]).toEqual([
        { index: 1, of: 2 },
        { index: 2, of: 2 },
      ]);
      for (const part of [first!, second!]) {
        expect(part).toMatchObject({ version: 1, position: events[0]!.position, messageId: events[0]!.messageId });
      }
    });

    it('hands them to subscriptions, and again to replays, as they are today', async () => {
      const history = KINDS.map((kind, i) => kind(`text ${i}`));
      await stored.append(aggregate, writtenIn(history));
      const seen: RecordedEvent[] = [];
      const subscription = await subscribe((event) => void seen.push(event));
      await eventually(() => Promise.resolve(subscription.counts.handled === history.length));
      expect(shortOf(seen)).toEqual(todayOf(history));

      const filter = { tenantId: aggregate.tenantId };
      const { id } = await store.replays.start({ target: webhook(aggregate), filter });
      const job = await eventually(async () => {
        const found = await store.replays.get(id);
        return isReplayOver(found.state) && found;
      });
      expect(job).toMatchObject({ state: 'completed', delivered: history.length, failed: 0 });
      expect(shortOf(target.received(webhook(aggregate).url))).toEqual(todayOf(history));

      seen.length = 0;
      await store.replays.start({ target: { type: 'subscription', name: subscription.name }, filter });
      await eventually(() => Promise.resolve(seen.length >= todayOf(history).length));
      expect(shortOf(seen)).toEqual(todayOf(history));
    });

    it('shows dead letters as they are today, and redrives them so', async () => {
      await stored.append(aggregate, { type: 'person.named', data: { label: 'Ada' } });
      let isWell = false;
      const seen: RecordedEvent[] = [];
      const { name: subscription } = await subscribe((event, { deadLetter }) => {
        if (isWell) seen.push(event);
        else deadLetter('not today');
      });
      const letter = await eventually(async () => (await store.deadLetters.list({ subscription })).letters[0]);
      const current = { schemaVersion: 3, data: { name: 'Ada', title: null } };
      expect(letter.event).toMatchObject(current);
      expect((await store.deadLetters.get(letter.id)).event).toMatchObject(current);
      isWell = true;
      await store.deadLetters.redrive({ subscription });
      await eventually(() => Promise.resolve(seen.length > 0));
      expect(seen).toEqual([expect.objectContaining(current)]);
    });

    describe('when an event cannot be migrated', () => {
      beforeEach(async () => {
        await stored.append(aggregate, [
          { type: 'person.named', data: { label: 'Ada' } },
          { type: 'person.named', data: BROKEN },
          { type: 'person.named', data: { label: 'Bob' } },
        ]);
      });

      const failure = {
        code: 'upcast-failed',
        eventType: 'person.named',
        version: 2,
        schemaVersion: 1,
        message: expect.stringMatching(/there is no label/),
      };

      it('says which, on every read', async () => {
        const ways = [
          () => collect(store.readAggregate(aggregate)),
          () => collect(store.readAt(aggregate, '2999-01-01T00:00:00Z')),
          () => collect(store.readAll({ tenantId: aggregate.tenantId })),
          () => store.load(aggregate),
          () => followed(aggregate.tenantId, 3),
        ];
        for (const read of ways) await expect(read()).rejects.toMatchObject(failure);
        expect((await collect(store.readAggregate(aggregate, { toVersion: 1 }))).length).toBe(1);
      });

      it('makes it a dead letter at once, which shows it as it is stored', async () => {
        const names: unknown[] = [];
        const { name: subscription } = await subscribe((event) => void names.push(event.data));
        const letter = await eventually(async () => (await store.deadLetters.list({ subscription })).letters[0]);
        expect(letter).toMatchObject({ kind: 'rejected', attempts: 1, event: { schemaVersion: 1, data: BROKEN } });
        expect(letter.reason).toMatch(/there is no label/);
        expect(names).toEqual([{ name: 'Ada', title: null }]);
      });

      it.each(['ordered', 'shared'] as const)(
        'ends a subscription that is %s and wants to stop, and leaves the event where it is',
        async (mode) => {
          const options = {
            name: context.unique('s'),
            filter: { tenantId: aggregate.tenantId },
            mode,
            concurrency: 1,
            onUpcastFailure: 'stop',
          } as const;
          const names: unknown[] = [];
          const subscription = await store.subscriptions.subscribe(options, (event) => void names.push(event.version));
          active.push(subscription);
          await expect(subscription.finished).rejects.toMatchObject(failure);
          expect(subscription.state).toBe('stopped');
          expect(await stored.deadLetters.count({ subscription: options.name })).toBe(0);
          // A release that understands it goes on with it.
          const later: unknown[] = [];
          const fixed = await stored.subscriptions.subscribe(options, (event) => void later.push(event.version));
          active.push(fixed);
          await eventually(() => Promise.resolve([1, 2, 3].every((version) => [...names, ...later].includes(version))));
          expect(names).not.toContain(2);
          if (mode === 'ordered') expect([names, later]).toEqual([[1], [2, 3]]);
        },
      );
    });

    async function followed(tenantId: string, count: number): Promise<unknown[]> {
      const seen: RecordedEvent[] = [];
      if (count === 0) return [];
      for await (const event of store.follow({ tenantId }, { from: 'beginning' })) {
        seen.push(event);
        if (seen.length === count) break;
      }
      return shortOf(seen);
    }
  });
}

function webhook({ tenantId }: TestAggregate): { readonly type: 'webhook'; readonly url: string } {
  return { type: 'webhook', url: `https://${tenantId}.example/` };
}

function histories(minLength: number): fc.Arbitrary<OldEvent[]> {
  const event = fc.tuple(fc.constantFrom(...KINDS), fc.string({ maxLength: 5 })).map(([kind, text]) => kind(text));
  return fc.array(event, { minLength, maxLength: 12 });
}

function writtenIn(history: readonly OldEvent[]) {
  return history.map(({ stored }) => stored);
}

function todayOf(history: readonly OldEvent[]): unknown[] {
  return history.flatMap(({ today }) => today);
}

function shortOf(events: readonly RecordedEvent[]): unknown[] {
  return events.map(({ type, schemaVersion, data }) => ({ type, schemaVersion, data }));
}
