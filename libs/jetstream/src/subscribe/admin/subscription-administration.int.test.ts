import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type EventStore, type NewEvent, type StartFrom, silentLogger } from '@annals/core';
import { type TestNatsServer, eventually, startNatsServer } from '@annals/testing';
import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { type NatsConnection, connect } from '@nats-io/transport-node';
import { openJetStreamStore } from '../../index.ts';
import { createDeadLetterParts } from '../../dead-letter/dead-letter-parts.ts';
import { resolveTopology } from '../../topology/topology.ts';
import type { SubscriptionConsumer } from '../subscription-consumer.ts';
import {
  REDELIVERY_STREAM,
  activationKey,
  deadLetterSubject,
  durableName,
  lastAttemptKey,
  redeliveryDurableName,
} from '../subscription-names.ts';
import { machinery, sequencesOf, take } from '../subscription.spec-support.ts';

const STALL_MS = 300;

let server: TestNatsServer;
let nc: NatsConnection;
let jsm: JetStreamManager;
let store: EventStore;
const topology = resolveTopology();
const [binding] = topology.bindings;

beforeAll(async () => {
  server = await startNatsServer();
  nc = await connect({ servers: server.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  jsm = await jetstreamManager(nc);
  store = await openJetStreamStore({ connection: nc, subscriptionStallMs: STALL_MS });
});

afterAll(async () => {
  await store?.close();
  await nc?.close();
  await server?.stop();
});

const letterParts = () =>
  createDeadLetterParts({ jsm, channel: machinery(nc, topology).channel, topology, replicas: 1, logger: silentLogger });

const consumerOf = (name: string): SubscriptionConsumer => ({ binding: binding!, name: durableName(name) });

/** Appends so many events that only this tenant has, one after the other. */
async function append(tenantId: string, count: number, type = 'user.created'): Promise<number[]> {
  const sequences: number[] = [];
  const event: NewEvent = { type, data: {} };
  for (let i = 0; i < count; i++) {
    const result = await store.append({ tenantId, type: 'user', id: `u${i % 3}` }, event);
    sequences.push(result.events[0]!.position.sequence);
  }
  return sequences;
}

describe('the status of a subscription', () => {
  it('counts what is not delivered, what is in hand, and what comes again', async () => {
    await append('counted', 5);
    const created = await store.subscriptions.create({ name: 'counted', filter: { tenantId: 'counted' } });
    expect(created).toMatchObject({ name: 'counted', mode: 'shared', maxDeliver: 5, state: 'catching-up' });
    expect(created).toMatchObject({ pending: 5, ackPending: 0, redelivered: 0, waiting: 0, deadLetters: 0 });
    expect(created).toMatchObject({ redeliveries: 0, parkedAggregates: 0 });
    expect(created.lastDeliveredAt).toBeUndefined();
    const taken = await take(nc, consumerOf('counted'), { max: 3, ack: false });
    expect(await store.subscriptions.get('counted')).toMatchObject({ pending: 2, ackPending: 3 });
    for (const { ack } of taken) ack();
    await take(nc, consumerOf('counted'));
    const done = await eventually(async () => {
      const status = await store.subscriptions.get('counted');
      return status.state === 'live' && status;
    });
    expect(done).toMatchObject({ pending: 0, ackPending: 0 });
    expect(Date.parse(done.lastSettledAt!)).toBeGreaterThanOrEqual(Date.parse(done.lastDeliveredAt!) - 1_000);
    const { lastSequence } = done.streams[0]!;
    expect(done.streams).toEqual([
      {
        stream: 'EVENTS',
        checkpoint: lastSequence,
        delivered: lastSequence,
        lastSequence,
        pending: 0,
        ackPending: 0,
        redelivered: 0,
      },
    ]);
  });

  it('counts dead letters, redeliveries and parked aggregates', async () => {
    const letters = letterParts();
    await store.subscriptions.create({ name: 'with-letters', mode: 'ordered' });
    await letters.letters.ensure();
    for (const sequence of [1, 2, 3]) {
      const key = { subscription: 'with-letters', stream: 'EVENTS', sequence };
      await nc.request(deadLetterSubject(key, undefined), '');
    }
    const redelivery = { subscription: 'with-letters', stream: 'EVENTS', sequence: 1, cause: 'redrive' } as const;
    await letters.redeliveries.enqueue([redelivery]);
    await letters.parked.park('with-letters', 'EVENTS', 'a lane');
    const status = await store.subscriptions.get('with-letters');
    expect(status).toMatchObject({ deadLetters: 3, redeliveries: 1, parkedAggregates: 1, mode: 'ordered' });
  });

  it('is stalled when events wait and none is settled for a while, and no longer when one is', async () => {
    await append('stalled', 2);
    const made = await store.subscriptions.create({ name: 'stalled', filter: { tenantId: 'stalled' } });
    expect(made.state).toBe('catching-up');
    const stateOf = async (name: string) => (await store.subscriptions.get(name)).state;
    await eventually(async () => (await stateOf('stalled')) === 'stalled');
    await eventually(async () => (await store.status()).subscriptions?.stalled.includes('stalled'));
    const [first] = await take(nc, consumerOf('stalled'), { max: 1 });
    expect(first).toBeDefined();
    expect(await stateOf('stalled')).toBe('catching-up');
    await eventually(async () => (await stateOf('stalled')) === 'stalled');
    await take(nc, consumerOf('stalled'));
    await eventually(async () => (await stateOf('stalled')) === 'live');
    // Idle for longer than a stall takes: what comes now has only just come.
    await eventually(async () => {
      const { lastSettledAt } = await store.subscriptions.get('stalled');
      return Date.now() - Date.parse(lastSettledAt!) > 2 * STALL_MS;
    });
    await append('stalled', 1);
    expect(await stateOf('stalled')).toBe('catching-up');
    await eventually(async () => (await stateOf('stalled')) === 'stalled');
    await store.subscriptions.pause('stalled');
    expect(await stateOf('stalled')).toBe('paused');
  });

  it('tells what a consumer will have to do that somebody removed', async () => {
    await append('vanished', 4);
    await store.subscriptions.create({ name: 'vanished', filter: { tenantId: 'vanished' } });
    await jsm.consumers.delete('EVENTS', durableName('vanished'));
    expect(await store.subscriptions.get('vanished')).toMatchObject({ pending: 4, ackPending: 0 });
  });

  it('is listed by name, for this store alone', async () => {
    const other = await openJetStreamStore({ connection: nc, topology: { defaultStream: 'OTHER' } });
    await other.subscriptions.create({ name: 'of-another-store' });
    const dotted = 'a.name:with-dots_';
    await store.subscriptions.create({ name: dotted });
    const names = (await store.subscriptions.list()).map(({ name }) => name);
    expect(names).toContain(dotted);
    expect(names).not.toContain('of-another-store');
    expect(names).toEqual([...names].sort());
    expect((await other.subscriptions.list()).map(({ name }) => name)).toEqual(['of-another-store']);
    await expect(store.subscriptions.get('of-another-store')).rejects.toMatchObject({
      code: 'subscription-not-found',
    });
    await other.close();
  });
});

describe('create', () => {
  it('changes nothing the second time, and refuses another definition', async () => {
    await store.subscriptions.create({ name: 'twice', filter: { eventTypes: ['a', 'b'] }, from: 'now' });
    const before = await jsm.consumers.info('EVENTS', durableName('twice'));
    await store.subscriptions.create({ name: 'twice', filter: { eventTypes: ['b', 'a'] } });
    expect((await jsm.consumers.info('EVENTS', durableName('twice'))).created).toEqual(before.created);
    await expect(store.subscriptions.create({ name: 'twice' })).rejects.toMatchObject({
      code: 'subscription-conflict',
    });
  });

  it('takes names of any length', async () => {
    const dots = (last: string) => '.'.repeat(99) + last;
    await store.subscriptions.create({ name: dots('a'), from: 'now' });
    await store.subscriptions.create({ name: dots('b'), from: 'now' });
    expect((await store.subscriptions.get(dots('b'))).name).toBe(dots('b'));
    await store.subscriptions.delete(dots('a'));
    expect((await store.subscriptions.get(dots('b'))).state).toBe('live');
  });
});

describe('pause', () => {
  it('holds over a restart of the server that is killed, and of all processes', async () => {
    const sequences = await append('paused', 3);
    await store.subscriptions.create({ name: 'paused', filter: { tenantId: 'paused' } });
    await take(nc, consumerOf('paused'), { max: 1 });
    expect((await store.subscriptions.pause('paused')).state).toBe('paused');
    expect((await store.subscriptions.pause('paused')).state).toBe('paused');
    // The server keeps an acknowledgement a moment later than it takes it.
    await eventually(async () => (await store.subscriptions.get('paused')).streams[0]!.checkpoint === sequences[0]);
    await server.kill();
    await server.restart();
    const second = await openJetStreamStore({ servers: server.url });
    for (const process of [second, store]) {
      const status = await eventually(() => process.subscriptions.get('paused'));
      expect(status.state).toBe('paused');
    }
    expect(await take(nc, consumerOf('paused'))).toEqual([]);
    await second.subscriptions.resume('paused');
    expect((await second.subscriptions.resume('paused')).state).toBe('catching-up');
    const seen = sequencesOf(await take(nc, consumerOf('paused')));
    expect(seen.slice(-2)).toEqual(sequences.slice(1));
    await second.close();
  });

  it('stays with a consumer that has to be made anew', async () => {
    await store.subscriptions.create({ name: 'paused-and-gone' });
    await store.subscriptions.pause('paused-and-gone');
    await jsm.consumers.delete('EVENTS', durableName('paused-and-gone'));
    await store.subscriptions.create({ name: 'paused-and-gone' });
    expect((await jsm.consumers.info('EVENTS', durableName('paused-and-gone'))).paused).toBe(true);
  });
});

describe('rewind', () => {
  const name = 'rewound';
  let sequences: number[];

  beforeAll(async () => {
    sequences = await append('rewound', 4);
    await append('rewound', 2, 'user.other');
    sequences = [...sequences, ...(await append('rewound', 6))];
    const filter = { tenantId: 'rewound', eventTypes: ['user.created'] };
    await store.subscriptions.create({ name, filter });
  });

  it.each<[string, () => StartFrom, { events: number; again: number; skipped: number }]>([
    ['to the beginning', () => 'beginning', { events: 10, again: 6, skipped: 0 }],
    [
      'to a position',
      () => ({ after: { stream: 'EVENTS', sequence: sequences[1]! } }),
      { events: 8, again: 4, skipped: 0 },
    ],
    ['forward', () => ({ after: { stream: 'EVENTS', sequence: sequences[7]! } }), { events: 2, again: 0, skipped: 2 }],
    ['to the end', () => 'now', { events: 0, again: 0, skipped: 4 }],
  ])('%s hands over what its preview says', async (_, to, expected) => {
    await store.subscriptions.rewind(name, 'beginning');
    expect(await take(nc, consumerOf(name), { max: 6 })).toHaveLength(6);
    const floor = async () => (await store.subscriptions.get(name)).streams[0]!.checkpoint;
    await eventually(async () => (await floor()) === sequences[5]);
    const preview = await store.subscriptions.previewRewind(name, to());
    expect(preview).toMatchObject(expected);
    expect(await store.subscriptions.rewind(name, to())).toEqual(preview);
    const taken = await take(nc, consumerOf(name));
    expect(taken).toHaveLength(expected.events);
    expect(sequencesOf(taken)).toEqual(sequences.filter((sequence) => sequence >= preview.from[0]!.sequence));
  });

  it('to a time hands over what the store took since', async () => {
    const [position] = await store.recordedAt([{ stream: 'EVENTS', sequence: sequences[8]! }]);
    expect(await store.subscriptions.rewind(name, { recordedFrom: position! })).toMatchObject({ events: 2 });
    expect(sequencesOf(await take(nc, consumerOf(name)))).toEqual(sequences.slice(8));
  });

  it('forward counts what is in hand as skipped', async () => {
    await store.subscriptions.rewind(name, 'beginning');
    await take(nc, consumerOf(name), { max: 3, ack: false });
    // The server may tell of a moment before.
    await eventually(async () => {
      expect(await store.subscriptions.previewRewind(name, 'now')).toMatchObject({ again: 0, skipped: 10 });
      return true;
    });
  });

  it('survives the loss of the consumer right after it', async () => {
    await store.subscriptions.rewind(name, 'now');
    await store.subscriptions.rewind(name, 'beginning');
    await jsm.consumers.delete('EVENTS', durableName(name));
    const { keeper } = machinery(nc, topology);
    await keeper.restore(await keeper.declared(name), consumerOf(name));
    expect(sequencesOf(await take(nc, consumerOf(name)))).toEqual(sequences);
  });

  it('leaves a paused subscription paused', async () => {
    await store.subscriptions.pause(name);
    expect(await store.subscriptions.rewind(name, 'beginning')).toMatchObject({ events: 10 });
    expect(await take(nc, consumerOf(name))).toEqual([]);
    await store.subscriptions.resume(name);
    expect(await take(nc, consumerOf(name))).toHaveLength(10);
  });

  it('is refused for what is not there or no place', async () => {
    await expect(store.subscriptions.rewind('nobody', 'now')).rejects.toMatchObject({ code: 'subscription-not-found' });
    await expect(store.subscriptions.previewRewind('nobody', 'now')).rejects.toMatchObject({
      code: 'subscription-not-found',
    });
    await expect(store.subscriptions.rewind(name, 'yesterday' as never)).rejects.toMatchObject({
      code: 'validation-failed',
    });
  });
});

describe('delete', () => {
  async function traces(name: string): Promise<string[]> {
    const found = await keysOf(name);
    for (const [stream, consumer] of [
      ['EVENTS', durableName(name)],
      [REDELIVERY_STREAM, redeliveryDurableName(name, 'EVENTS')],
    ] as const) {
      const info = await jsm.consumers.info(stream, consumer).catch(() => undefined);
      if (info) found.push(`${stream}/${consumer}`);
    }
    return found;
  }

  async function keysOf(name: string): Promise<string[]> {
    const { bucket } = machinery(nc, topology).records;
    return (await bucket.keys('>')).filter((key) => key.split('.').includes(name));
  }

  it('leaves nothing but dead letters', async () => {
    const letters = letterParts();
    const name = 'deleted';
    await store.subscriptions.create({ name, mode: 'ordered' });
    await letters.letters.ensure();
    await nc.request(deadLetterSubject({ subscription: name, stream: 'EVENTS', sequence: 1 }, undefined), '');
    await letters.redeliveries.ensureConsumer(name, 'EVENTS');
    await letters.redeliveries.enqueue([{ subscription: name, stream: 'EVENTS', sequence: 1, cause: 'redrive' }]);
    await letters.parked.park(name, 'EVENTS', 'a lane');
    const { bucket } = machinery(nc, topology).records;
    for (const key of [lastAttemptKey('EVENTS', name, 7), activationKey('EVENTS', name)]) await bucket.put(key, '', 0);
    expect(await traces(name)).toHaveLength(7);
    await store.subscriptions.delete(name);
    expect(await traces(name)).toEqual([]);
    expect(await letters.redeliveries.waiting(name)).toBe(0);
    await expect(store.subscriptions.get(name)).rejects.toMatchObject({ code: 'subscription-not-found' });
    await expect(store.subscriptions.delete(name)).rejects.toMatchObject({ code: 'subscription-not-found' });
    const again = await store.subscriptions.create({ name });
    expect(again).toMatchObject({ deadLetters: 1, mode: 'shared' });
    expect(again.streams[0]!.checkpoint).toBe(0);
  });

  it.each(['deletes', 'creates'])(
    'is completed by the next one that %s when its process died on the way',
    async (next) => {
      const name = `half-deleted-${next}`;
      await store.subscriptions.create({ name });
      const made = (await jsm.consumers.info('EVENTS', durableName(name))).created;
      const { records } = machinery(nc, topology);
      const kept = await records.read(name);
      await records.write({ ...kept.record!, deleting: true }, kept);
      await expect(store.subscriptions.get(name)).rejects.toMatchObject({ code: 'subscription-not-found' });
      await expect(store.subscriptions.pause(name)).rejects.toMatchObject({ code: 'subscription-not-found' });
      expect((await store.subscriptions.list()).map((status) => status.name)).not.toContain(name);
      if (next === 'deletes') {
        await store.subscriptions.delete(name);
        expect(await traces(name)).toEqual([]);
        return;
      }
      await store.subscriptions.create({ name, filter: { eventTypes: ['another'] } });
      expect((await jsm.consumers.info('EVENTS', durableName(name))).created).not.toEqual(made);
    },
  );

  it('lets alone what others made under the name of its consumer', async () => {
    const name = 'not-ours';
    await jsm.consumers.add('EVENTS', { durable_name: durableName(name), ack_policy: 'explicit' as never });
    await expect(store.subscriptions.create({ name })).rejects.toMatchObject({ code: 'subscription-conflict' });
    await store.subscriptions.delete(name);
    expect((await jsm.consumers.info('EVENTS', durableName(name))).name).toBe(durableName(name));
  });
});
