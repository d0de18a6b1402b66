import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type TestNatsServer, startNatsServer } from '@annals/testing';
import type { SubscriptionOptions } from '@annals/core';
import { StoredStream } from '../../read/stored-stream.spec-support.ts';
import { machinery, sequencesOf, subscription, take } from '../subscription.spec-support.ts';
import type { SubscriptionConsumer } from '../subscription-consumer.ts';

let server: TestNatsServer;
let store: StoredStream;
const all: number[] = [];
let middle = '';

beforeAll(async () => {
  server = await startNatsServer();
  store = await StoredStream.open(server.url);
  for (const type of ['user.created', 'user.renamed', 'user.name.changed', 'order.created', 'order.paid']) {
    const ref = { tenantId: 't', type: type.split('.')[0]!, id: type };
    all.push(await store.append(ref, [{ type }]));
  }
  const third = await machinery(store.nc, store.topology).leader.message('EVENTS', { seq: all[2]! });
  middle = third!.recordedAt;
});

afterAll(async () => {
  await store?.close();
  await server?.stop();
});

const open = () => machinery(store.nc, store.topology);

async function ensured(options: SubscriptionOptions): Promise<SubscriptionConsumer> {
  const { definition, from } = subscription(options);
  const [consumer] = await open().keeper.ensure(definition, from);
  return consumer!;
}

describe('what a consumer delivers', () => {
  it.each<[string, readonly string[] | undefined, number[]]>([
    ['everything', undefined, [1, 2, 3, 4, 5]],
    ['a type', ['order.paid'], [5]],
    ['a pattern of one token', ['user.*'], [1, 2]],
    ['a pattern of the rest', ['user.>'], [1, 2, 3]],
    ['patterns of which one covers the other', ['user.*', 'user.>'], [1, 2, 3]],
    // What both match widens them to *.*.
    ['patterns that overlap', ['user.*', '*.created'], [1, 2, 4, 5]],
    ['patterns that all overlap', ['user.*', 'user.>', '*.created'], [1, 2, 3, 4, 5]],
  ])('is %s', async (name, eventTypes, expected) => {
    const consumer = await ensured({ name: `filter:${name.replaceAll(' ', '.')}`, filter: { eventTypes } });
    expect(sequencesOf(await take(store.nc, consumer))).toEqual(expected);
  });

  it.each<[string, SubscriptionOptions['from'], number[]]>([
    ['with the beginning', 'beginning', [1, 2, 3, 4, 5]],
    ['behind a position', { after: { stream: 'EVENTS', sequence: 3 } }, [4, 5]],
    ['with the beginning of a stream that no position names', { after: [] }, [1, 2, 3, 4, 5]],
    ['behind a position past the end', { after: { stream: 'EVENTS', sequence: 900 } }, []],
    ['now', 'now', []],
    ['with a time past the end', { recordedFrom: '2199-01-01T00:00:00Z' }, []],
    ['with a time that no server knows', { recordedFrom: '2999-01-01T00:00:00Z' }, []],
    ['with a time that no server has seen', { recordedFrom: '0001-01-01T00:00:00Z' }, [1, 2, 3, 4, 5]],
    ['with a time before everything', { recordedFrom: '2001-01-01T00:00:00Z' }, [1, 2, 3, 4, 5]],
  ])('begins %s', async (name, from, expected) => {
    const consumer = await ensured({ name: `start:${name.replaceAll(' ', '.')}`, from });
    expect(sequencesOf(await take(store.nc, consumer))).toEqual(expected);
  });

  it('begins with the first event that the store took at a time', async () => {
    const consumer = await ensured({ name: 'at-a-time', from: { recordedFrom: middle } });
    expect(sequencesOf(await take(store.nc, consumer))).toEqual([3, 4, 5]);
  });
});
