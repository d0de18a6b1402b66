import { describe, expect, it } from '@jest/globals';
import {
  type DeadLetters,
  type SubscriptionDefinition,
  type SubscriptionOptions,
  StoreClosed,
  checkSubscription,
  deadLetterId,
  laneOf,
  systemClock,
} from '@annals/core';
import type { StoredMessage } from '../read/stored-message.ts';
import { REDELIVERY_STREAM } from '../subscribe/subscription-names.ts';
import { resolveTopology } from '../topology/topology.ts';
import type { DeadLetterParts } from './dead-letter-parts.ts';
import { eventOf, keyOf, letterOf, useLetterBench } from './dead-letters.spec-support.ts';
import { JetStreamDeadLetters } from './jetstream-dead-letters.ts';
import type { Redelivery } from './redelivery.ts';
import { decodeRedelivery } from './redelivery-message.ts';

const bench = useLetterBench();
const idOf = (message: StoredMessage, subscription?: string): string => deadLetterId(keyOf(message, subscription));
const lane = (message: StoredMessage): string => laneOf(eventOf(message));

/** What an operator's process has, with subscriptions of these definitions. */
function desk(...subscriptions: SubscriptionOptions[]): DeadLetterParts & { readonly deadLetters: DeadLetters } {
  const definitions = new Map<string, SubscriptionDefinition>();
  for (const options of subscriptions) definitions.set(options.name, checkSubscription(options).definition);
  const parts = bench.process();
  const deadLetters = new JetStreamDeadLetters({
    channel: bench.channel,
    topology: resolveTopology(),
    parts,
    definitionOf: (name) => Promise.resolve(definitions.get(name)),
    clock: systemClock,
    checkOpen: () => {},
  });
  return { ...parts, deadLetters };
}

/** All that waits in the queue, oldest first. */
async function queued(): Promise<readonly Redelivery[]> {
  const list: Redelivery[] = [];
  const { state } = await bench.jsm.streams.info(REDELIVERY_STREAM);
  for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
    const message = await bench.jsm.streams.getMessage(REDELIVERY_STREAM, { seq });
    if (message) list.push(decodeRedelivery(message.subject, message.data)!);
  }
  return list;
}

describe('dead letters', () => {
  it('are nothing before there was one', async () => {
    const { deadLetters } = desk({ name: 'billing' });
    expect(await deadLetters.list()).toEqual({ letters: [] });
    expect(await deadLetters.count()).toBe(0);
    expect(await deadLetters.purge({})).toBe(0);
    expect(await deadLetters.redrive({})).toEqual({ matched: 0, redriven: 0, orphaned: 0 });
    await expect(deadLetters.get('billing/EVENTS/1')).rejects.toMatchObject({ code: 'dead-letter-not-found' });
    await expect(bench.jsm.streams.info(REDELIVERY_STREAM)).rejects.toThrow();
  });

  it('show the event as its stream has it', async () => {
    const { deadLetters, box } = desk({ name: 'billing' });
    const [message] = await bench.append('shown', 1);
    await box.post(letterOf(message!, { error: { name: 'Error', message: 'x' } }));
    const letter = await deadLetters.get(idOf(message!));
    expect(letter).toEqual({
      id: idOf(message!),
      subscription: 'billing',
      kind: 'attempts-exhausted',
      reason: 'it failed',
      error: { name: 'Error', message: 'x' },
      attempts: 5,
      redrives: 0,
      deadLetteredAt: expect.stringMatching(/Z$/),
      redriving: false,
      position: { stream: 'EVENTS', sequence: message!.sequence },
      event: eventOf(message!),
    });
    expect((await deadLetters.list()).letters).toEqual([letter]);
  });

  it('show a message that is no event without one', async () => {
    const { deadLetters, box } = desk();
    const [message] = await bench.append('broken', 1);
    const broken = { ...message!, body: Buffer.from('no JSON') };
    await box.post({ ...letterOf(message!), message: broken, lane: undefined, kind: 'unreadable' });
    expect(await deadLetters.get(idOf(message!))).not.toHaveProperty('event');
    expect((await deadLetters.list({ aggregateType: 'order' })).letters).toHaveLength(1);
  });

  it('of another store in the account are not seen, nor touched', async () => {
    const { deadLetters, box } = desk({ name: 'billing' });
    const [message] = await bench.append('mine', 1);
    await box.post(letterOf(message!));
    await box.post(letterOf({ ...message!, stream: 'OTHER' }));
    expect(await deadLetters.count()).toBe(1);
    await expect(deadLetters.get(`billing/OTHER/${message!.sequence}`)).rejects.toMatchObject({
      code: 'dead-letter-not-found',
    });
    expect(await deadLetters.purge({})).toBe(1);
    expect(await box.read({ ...keyOf(message!), stream: 'OTHER' })).toBeDefined();
  });

  it('are listed without a gap while letters come, go and come back', async () => {
    const { deadLetters, box } = desk({ name: 'billing' });
    const messages = await bench.append('pages', 60);
    for (const message of messages) await box.post(letterOf(message));
    const more = await bench.append('more', 10);
    const staying = messages.filter((_, i) => i % 3 === 0);
    const seen: string[] = [];
    let cursor: string | undefined;
    for (let page = 0; page === 0 || cursor !== undefined; page++) {
      const { letters, nextCursor } = await deadLetters.list({}, { limit: 7, cursor });
      expect(letters.length).toBeLessThanOrEqual(7);
      seen.push(...letters.map(({ id }) => id));
      cursor = nextCursor;
      // One goes, one comes back after a redrive, one is new.
      await box.settle(keyOf(messages[3 * page + 1]!));
      await box.post(letterOf(messages[3 * page + 2]!, { redrives: 1 }));
      const late = more[page];
      if (late) await box.post(letterOf(late));
    }
    expect(seen.filter((id) => staying.some((message) => idOf(message) === id))).toEqual(staying.map((m) => idOf(m)));
    expect(seen).toEqual(expect.arrayContaining(more.slice(0, 5).map((message) => idOf(message))));
  });

  it('are refused when the store is closed', async () => {
    const closed = new JetStreamDeadLetters({
      channel: bench.channel,
      topology: resolveTopology(),
      parts: bench.process(),
      definitionOf: () => Promise.resolve(undefined),
      clock: systemClock,
      checkOpen: () => {
        throw new StoreClosed();
      },
    });
    const calls = [closed.list(), closed.get('a/EVENTS/1'), closed.count(), closed.redrive({}), closed.purge({})];
    for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'store-closed' });
  });
});

describe('a redrive', () => {
  it('has letters wait, oldest first, at the rate asked for', async () => {
    const { deadLetters, box } = desk({ name: 'billing' });
    const messages = await bench.append('rate', 5);
    for (const i of [3, 0, 4, 1, 2]) await box.post(letterOf(messages[i]!));
    const before = Date.now();
    expect(await deadLetters.redrive({}, { ratePerSecond: 4 })).toEqual({ matched: 5, redriven: 5, orphaned: 0 });
    const items = await queued();
    expect(items.map(({ sequence }) => sequence)).toEqual([3, 0, 4, 1, 2].map((i) => messages[i]!.sequence));
    const due = items.map(({ notBeforeMs = 0 }) => notBeforeMs);
    expect(due.map((ms) => ms - due[0]!)).toEqual([0, 250, 500, 750, 1_000]);
    expect(due[0]).toBeGreaterThanOrEqual(before);
    expect(new Set((await deadLetters.list()).letters.map(({ redriving }) => redriving))).toEqual(new Set([true]));
    expect(await deadLetters.redrive({})).toEqual({ matched: 5, redriven: 0, orphaned: 0 });
  });

  it('leaves those alone whose subscription is gone', async () => {
    const { deadLetters, box } = desk({ name: 'billing' });
    const [message] = await bench.append('orphan', 1);
    await box.post(letterOf(message!));
    await box.post(letterOf(message!, { subscription: 'gone' }));
    expect(await deadLetters.redrive({})).toEqual({ matched: 2, redriven: 1, orphaned: 1 });
    expect((await queued()).map(({ subscription }) => subscription)).toEqual(['billing']);
  });

  it('has a parked aggregate wait once, by the oldest of its letters', async () => {
    const { deadLetters, box } = desk({ name: 'billing', mode: 'ordered' });
    const first = await bench.append('parked-1', 4);
    const second = await bench.append('parked-2', 2);
    for (const message of [...first, ...second]) await box.post(letterOf(message));
    await box.post(letterOf(first[0]!, { redrives: 1 }));
    const ids = [first[2]!, first[1]!, second[1]!].map((message) => idOf(message));
    expect(await deadLetters.redrive({ ids })).toEqual({ matched: 3, redriven: 3, orphaned: 0 });
    expect(await queued()).toEqual([
      { ...keyOf(first[0]!), cause: 'redrive', lane: lane(first[0]!) },
      { ...keyOf(second[0]!), cause: 'redrive', lane: lane(second[0]!) },
    ]);
    expect((await deadLetters.list()).letters.map(({ redriving }) => redriving)).toEqual(Array(6).fill(true));
    expect(await deadLetters.redrive({})).toEqual({ matched: 6, redriven: 0, orphaned: 0 });
    // The oldest was handled: the others wait all the same.
    await box.settle(keyOf(first[0]!));
    expect(await deadLetters.get(idOf(first[3]!))).toMatchObject({ redriving: true });
  });

  it('keeps parked aggregates to the rate, too: each takes as long as it has letters', async () => {
    const { deadLetters, box } = desk({ name: 'billing', mode: 'ordered' });
    const first = await bench.append('slow-1', 3);
    const second = await bench.append('slow-2', 1);
    for (const message of [...first, ...second]) await box.post(letterOf(message));
    await deadLetters.redrive({}, { ratePerSecond: 1 });
    const [due = 0, next] = (await queued()).map(({ notBeforeMs }) => notBeforeMs);
    expect(next).toBe(due + 3_000);
  });

  it('of many letters is done in pages', async () => {
    const { deadLetters, box } = desk({ name: 'billing' });
    const [message] = await bench.append('bulk', 1);
    const count = 3_000;
    await Promise.all(
      Array.from({ length: count }, (_, i) => box.post(letterOf({ ...message!, sequence: 1_000 + i }))),
    );
    expect(await deadLetters.redrive({})).toEqual({ matched: count, redriven: count, orphaned: 0 });
    expect(await deadLetters.count({ kinds: ['attempts-exhausted'] })).toBe(count);
    expect(await deadLetters.purge({})).toBe(count);
    expect(await deadLetters.count()).toBe(0);
  });
});

describe('a purge', () => {
  it('unparks an aggregate when none of its letters is left, and tells the subscription', async () => {
    const { deadLetters, box, parked } = desk({ name: 'billing', mode: 'ordered' });
    const messages = await bench.append('purged', 3);
    for (const message of messages) await box.post(letterOf(message));
    await parked.park('billing', 'EVENTS', lane(messages[0]!));
    expect(await deadLetters.purge({ ids: [idOf(messages[0]!)] })).toBe(1);
    expect(await parked.load('billing', 'EVENTS')).toEqual(new Set([lane(messages[0]!)]));
    expect(await deadLetters.purge({ subscription: 'billing', aggregateId: 'purged' })).toBe(2);
    expect(await parked.load('billing', 'EVENTS')).toEqual(new Set());
    expect(await queued()).toEqual([expect.objectContaining({ cause: 'redrive', lane: lane(messages[0]!) })]);
  });

  it('of letters of a subscription that is gone only removes them', async () => {
    const { deadLetters, box } = desk();
    const messages = await bench.append('gone', 2);
    for (const message of messages) await box.post(letterOf(message));
    expect(await deadLetters.purge({ subscription: 'billing' })).toBe(2);
    await expect(bench.jsm.streams.info(REDELIVERY_STREAM)).rejects.toThrow();
  });
});
