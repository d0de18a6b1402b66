import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type EventStore, deadLetterId, laneOf } from '@annals/core';
import { type TestNatsCluster, startNatsCluster } from '@annals/testing';
import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { type NatsConnection, connect } from '@nats-io/transport-node';
import { RequestChannel } from '../connection/request-channel.ts';
import { LeaderReader } from '../read/leader-reader.ts';
import type { StoredMessage } from '../read/stored-message.ts';
import { openJetStreamStore } from '../store/open-jetstream-store.ts';
import { DEAD_LETTER_STREAM, REDELIVERY_STREAM, SUBSCRIPTION_BUCKET } from '../subscribe/subscription-names.ts';
import { resolveTopology } from '../topology/topology.ts';
import { type DeadLetterParts, createDeadLetterParts } from './dead-letter-parts.ts';
import { eventOf, keyOf, letterOf } from './dead-letters.spec-support.ts';

let cluster: TestNatsCluster;
let nc: NatsConnection;
let jsm: JetStreamManager;
let channel: RequestChannel;
let store: EventStore;

beforeAll(async () => {
  cluster = await startNatsCluster();
  nc = await connect({ servers: [...cluster.urls] });
  jsm = await jetstreamManager(nc);
  channel = new RequestChannel(nc, 10_000);
  store = await openJetStreamStore({ connection: nc, replicas: 3 });
}, 60_000);

afterAll(async () => {
  await store?.close();
  channel?.close();
  await nc?.close();
  await cluster?.stop();
});

/** What one process has; each call is another process. */
function parts(): DeadLetterParts {
  const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  return createDeadLetterParts({ jsm, channel, topology: resolveTopology(), replicas: 3, logger });
}

describe('dead letters with three copies', () => {
  it('are in streams of three copies, and found by everybody as soon as they were kept', async () => {
    await store.subscriptions.create({ name: 'billing', mode: 'ordered' });
    const { events } = await store.append(
      { type: 'order', id: '1' },
      Array.from({ length: 20 }, (_, i) => ({ type: 'order.changed', data: { i } })),
    );
    const leader = new LeaderReader(channel);
    const messages: StoredMessage[] = [];
    for (const { position } of events) messages.push((await leader.message('EVENTS', { seq: position.sequence }))!);
    const lane = laneOf(eventOf(messages[0]!));
    const posting = [parts(), parts(), parts()];
    for (const [i, message] of messages.entries()) {
      await Promise.all(posting.map(({ box }) => box.post(letterOf(message))));
      await posting[0]!.parked.park('billing', 'EVENTS', lane);
      const keys = messages.slice(0, i + 1).map((each) => keyOf(each));
      expect(await posting[1]!.box.ofAggregate('billing', 'EVENTS', lane)).toEqual(keys);
      expect(await posting[2]!.parked.load('billing', 'EVENTS')).toEqual(new Set([lane]));
    }
    expect(await store.deadLetters.redrive({})).toEqual({ matched: 20, redriven: 20, orphaned: 0 });
    expect(await store.deadLetters.get(deadLetterId(keyOf(messages[0]!)))).toMatchObject({ redriving: true });
    for (const stream of [DEAD_LETTER_STREAM, REDELIVERY_STREAM, `KV_${SUBSCRIPTION_BUCKET}`]) {
      expect((await jsm.streams.info(stream)).config.num_replicas).toBe(3);
    }
    expect(await store.deadLetters.purge({ subscription: 'billing' })).toBe(20);
    expect(await store.deadLetters.count()).toBe(0);
    expect(await posting[2]!.parked.load('billing', 'EVENTS')).toEqual(new Set());
  }, 60_000);

  it('are kept while a server is killed, once each', async () => {
    const { events } = await store.append(
      { type: 'order', id: '2' },
      Array.from({ length: 30 }, (_, i) => ({ type: 'order.changed', data: { i } })),
    );
    const leader = new LeaderReader(channel);
    const messages: StoredMessage[] = [];
    for (const { position } of events) messages.push((await leader.message('EVENTS', { seq: position.sequence }))!);
    const [one, other] = [parts(), parts()];
    await one.box.post(letterOf(messages[0]!));
    const leading = (await jsm.streams.info(DEAD_LETTER_STREAM)).cluster?.leader;
    const killed = cluster.servers.find(({ name }) => name === leading)!.kill();
    const post = async (box: DeadLetterParts['box'], message: StoredMessage): Promise<void> => {
      // As a running subscription does: until it is kept.
      for (;;)
        if (
          await box.post(letterOf(message)).then(
            () => true,
            () => false,
          )
        )
          return;
    };
    await Promise.all(messages.flatMap((message) => [post(one.box, message), post(other.box, message)]));
    await killed;
    expect(await other.box.ofAggregate('billing', 'EVENTS', laneOf(eventOf(messages[0]!)))).toEqual(
      messages.map((message) => keyOf(message)),
    );
    expect(await store.deadLetters.count({ aggregateId: '2' })).toBe(30);
  }, 60_000);
});
