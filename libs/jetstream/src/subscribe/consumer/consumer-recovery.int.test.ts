import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SubscriptionOptions } from '@annals/core';
import { type TestNatsServer, eventually, startNatsServer } from '@annals/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { StoredStream } from '../../read/stored-stream.spec-support.ts';
import { provisionStreams } from '../../provision/provision-streams.ts';
import { type TopologyOptions } from '../../topology/topology-options.ts';
import { silentLogger } from '@annals/core';
import type { SubscriptionConsumer } from '../subscription-consumer.ts';
import { heardLogger, machinery, sequencesOf, subscription, take } from '../subscription.spec-support.ts';
import { durableName } from '../subscription-names.ts';

let server: TestNatsServer;
let store: StoredStream;
let stores = 0;

beforeAll(async () => {
  server = await startNatsServer();
  store = await StoredStream.open(server.url);
});

afterAll(async () => {
  await store?.close();
  await server?.stop();
});

const open = (logger = heardLogger()) => ({ ...machinery(store.nc, store.topology, { logger }), logger });

async function append(tenantId: string, count = 4, into = store): Promise<number[]> {
  const last = await into.append({ tenantId, type: 'user', id: 'u1' }, count);
  return Array.from({ length: count }, (_, i) => last - count + 1 + i);
}

async function ensured(options: SubscriptionOptions): Promise<SubscriptionConsumer> {
  const { definition, from } = subscription(options);
  return (await open().keeper.ensure(definition, from))[0]!;
}

async function remove({ binding, name }: SubscriptionConsumer): Promise<void> {
  await (await jetstreamManager(store.nc)).consumers.delete(binding.name, name);
}

/** Handles so many, and waits until the server has noted it. */
async function settle(consumer: SubscriptionConsumer, max: number): Promise<void> {
  const taken = await take(store.nc, consumer, { max });
  const last = taken.at(-1)!.sequence;
  await eventually(async () => (await open().keeper.state(consumer)).ackFloor === last);
}

describe('a consumer that somebody removed', () => {
  it('is made anew at its checkpoint', async () => {
    const sequences = await append('gone');
    const options = { name: 'gone', filter: { tenantId: 'gone' } };
    const consumer = await ensured(options);
    await settle(consumer, 2);
    const { keeper } = open();
    await keeper.saveCheckpoint('gone', consumer);
    await settle(consumer, 1);
    await remove(consumer);
    await expect(keeper.state(consumer)).rejects.toMatchObject({ missing: true });
    // Nothing is known of it now: the last checkpoint counts.
    await keeper.saveCheckpoint('gone', consumer);
    await keeper.restore(subscription(options).definition, consumer);
    await keeper.restore(subscription(options).definition, consumer);
    expect(sequencesOf(await take(store.nc, consumer))).toEqual(sequences.slice(2));
  });

  it('is made anew at its start where there is no checkpoint yet, never at the end', async () => {
    await append('gone-early');
    const consumer = await ensured({ name: 'gone-early', filter: { tenantId: 'gone-early' }, from: 'now' });
    const sequences = await append('gone-early', 2);
    const { records, keeper } = open();
    await records.removeCheckpoint('EVENTS', 'gone-early');
    await remove(consumer);
    await keeper.restore(await keeper.declared('gone-early'), consumer);
    expect(sequencesOf(await take(store.nc, consumer))).toEqual(sequences);
  });

  it('stays away when its subscription was deleted', async () => {
    const consumer = await ensured({ name: 'deleted' });
    const { keeper, records } = open();
    const definition = await keeper.declared('deleted');
    await records.remove('deleted');
    await remove(consumer);
    await expect(keeper.restore(definition, consumer)).rejects.toMatchObject({ code: 'subscription-not-found' });
    await expect(keeper.declared('deleted')).rejects.toMatchObject({ code: 'subscription-not-found' });
  });

  it('goes on though the checkpoint lies before what retention left', async () => {
    const sequences = await append('retained', 5);
    const consumer = await ensured({ name: 'retained', filter: { tenantId: 'retained' } });
    await settle(consumer, 1);
    const { keeper } = open();
    await keeper.saveCheckpoint('retained', consumer);
    for (const sequence of sequences.slice(0, 3)) await store.delete('EVENTS', sequence);
    await remove(consumer);
    await keeper.restore(await keeper.declared('retained'), consumer);
    expect(sequencesOf(await take(store.nc, consumer))).toEqual(sequences.slice(3));
  });

  it('skips no new event where the stream was brought back to an earlier state, and says so', async () => {
    await append('earlier');
    const consumer = await ensured({ name: 'earlier', filter: { tenantId: 'earlier' } });
    const { keeper, records, logger } = open();
    const kept = await records.checkpoint('EVENTS', 'earlier');
    await records.writeCheckpoint('EVENTS', 'earlier', { ...kept.record!, floor: 1_000_000 }, kept);
    await remove(consumer);
    await keeper.restore(await keeper.declared('earlier'), consumer);
    expect(logger.warnings.join()).toContain('brought back to an earlier state');
    const fresh = await append('earlier', 2);
    expect(sequencesOf(await take(store.nc, consumer))).toEqual(fresh);
  });

  it('is set back to the end where it is ahead of its stream', async () => {
    const consumer = await ensured({ name: 'ahead', filter: { tenantId: 'ahead' } });
    const { keeper, api, logger } = open();
    await api.reset('EVENTS', consumer.name, 1_000_000);
    await keeper.ensure(await keeper.declared('ahead'), 'beginning');
    expect(logger.warnings.join()).toContain('brought back to an earlier state');
    const fresh = await append('ahead', 2);
    expect(sequencesOf(await take(store.nc, consumer))).toEqual(fresh);
  });

  it('begins with the first event of a stream that was made anew', async () => {
    const own = await openOwnStore();
    await own.append({ tenantId: 't', type: 'user', id: 'old' }, 5);
    const first = machinery(own.nc, own.topology);
    const { definition, from } = subscription({ name: 'stream-anew' });
    const [consumer] = await first.keeper.ensure(definition, from);
    await take(own.nc, consumer!);
    await eventually(async () => (await first.keeper.state(consumer!)).ackFloor === 5);
    await first.keeper.saveCheckpoint('stream-anew', consumer!);
    const jsm = await jetstreamManager(own.nc);
    await jsm.streams.delete(consumer!.binding.name);
    await provisionStreams(jsm, own.topology, { logger: silentLogger });
    await own.append({ tenantId: 't', type: 'user', id: 'new' }, 9);
    const logger = heardLogger();
    const second = machinery(own.nc, own.topology, { logger });
    await second.keeper.restore(definition, consumer!);
    expect(logger.warnings.join()).toContain('made anew');
    expect(await take(own.nc, consumer!)).toHaveLength(9);
    await own.close();
  });
});

describe('a server that is killed', () => {
  it('keeps the place of every consumer', async () => {
    const sequences = await append('killed', 6);
    const consumer = await ensured({ name: 'killed', filter: { tenantId: 'killed' } });
    await settle(consumer, 3);
    const late = await ensured({ name: 'killed-late', filter: { tenantId: 'killed' }, from: 'now' });
    await server.kill();
    await server.restart();
    const { keeper } = open();
    await eventually(() =>
      keeper.ensure({ ...subscription({ name: 'killed' }).definition, filter: { tenantId: 'killed' } }, 'now'),
    );
    const seen = sequencesOf(await take(store.nc, consumer));
    // An acknowledgement of the last moment may be lost with the server.
    expect(seen.slice(-3)).toEqual(sequences.slice(3));
    expect(await take(store.nc, late)).toEqual([]);
  });

  it('is told its places again when it forgot them', async () => {
    const sequences = await append('forgotten');
    const options = {
      name: 'forgotten',
      filter: { tenantId: 'forgotten' },
      from: { after: { stream: 'EVENTS', sequence: sequences[1]! } },
    };
    const consumer = await ensured(options);
    const { api, logger, keeper } = open();
    await api.reset('EVENTS', consumer.name, 1);
    await keeper.ensure(subscription(options).definition, 'beginning');
    expect(logger.warnings.join()).toContain('forgot its place');
    expect(sequencesOf(await take(store.nc, consumer))).toEqual(sequences.slice(2));
  });
});

it('tells one setting to a place from another', async () => {
  await append('placements');
  const options = { name: 'placements', filter: { tenantId: 'placements' } };
  const consumer = await ensured(options);
  const { keeper } = open();
  const placement = async () => (await keeper.state(consumer)).placement;
  const first = await placement();
  await settle(consumer, 1);
  await keeper.resetToAckFloor(consumer);
  await ensured({ ...options, maxDeliver: 7 });
  expect(await placement()).toBe(first);
  await keeper.change('placements', (record) => ({ ...record, rewinding: { EVENTS: 1 } }));
  const second = await placement();
  expect(second).not.toBe(first);
  await keeper.change('placements', (record) => ({ ...record, rewinding: { EVENTS: 1 } }));
  expect(await placement()).not.toBe(second);
});

describe('a definition that changes', () => {
  const filterOf = (...eventTypes: string[]) => ({ tenantId: 'changed', eventTypes });

  it('leaves the subscription where it is', async () => {
    const sequences = await append('changed');
    const consumer = await ensured({ name: 'changed', filter: filterOf('order.numbered') });
    await settle(consumer, 2);
    const info = () => open().api.info('EVENTS', durableName('changed'));
    const before = await info();
    await ensured({ name: 'changed', filter: filterOf('order.*', 'user.*'), maxDeliver: 9 });
    expect((await info())!.created).toBe(before!.created);
    expect((await open().keeper.declared('changed')).maxDeliver).toBe(9);
    expect(sequencesOf(await take(store.nc, consumer))).toEqual(sequences.slice(2));
  });

  it('of mode makes the consumer anew where it was', async () => {
    const sequences = await append('mode', 6);
    const options = { name: 'mode', filter: { tenantId: 'mode' } };
    const consumer = await ensured(options);
    await settle(consumer, 2);
    await ensured({ ...options, mode: 'ordered' });
    const seen = await take(store.nc, consumer, { max: 2, ordered: true });
    expect(sequencesOf(seen)).toEqual(sequences.slice(2, 4));
    const shared = subscription(options).definition;
    await expect(open().keeper.restore(shared, consumer)).rejects.toMatchObject({ code: 'subscription-conflict' });
    await eventually(async () => (await open().keeper.state(consumer)).ackFloor === sequences[3]);
    await ensured(options);
    expect(sequencesOf(await take(store.nc, consumer))).toEqual(sequences.slice(4));
  });

  it('to and fro is told', async () => {
    const { keeper, logger } = open();
    const declare = (maxDeliver: number) => {
      const { definition, from } = subscription({ name: 'flapping', maxDeliver });
      return keeper.ensure(definition, from);
    };
    await declare(1);
    await declare(2);
    expect(logger.warnings).toEqual([]);
    await declare(1);
    expect(logger.warnings.join()).toContain('declared in turn in two ways');
  });
});

describe('several streams', () => {
  it('have a consumer each, where the filter concerns them', async () => {
    const own = await openOwnStore({ streams: [{ stream: `ORDERS_${stores + 1}`, aggregateTypes: ['order'] }] });
    const { keeper, api } = machinery(own.nc, own.topology);
    const [events, orders] = own.topology.bindings.map(({ name }) => name) as [string, string];
    const ensure = (filter: SubscriptionOptions['filter']) => {
      const { definition, from } = subscription({ name: 'streams', filter });
      return keeper.ensure(definition, from);
    };
    const namesOf = (consumers: readonly SubscriptionConsumer[]) => consumers.map(({ binding }) => binding.name);
    await own.append({ tenantId: 't', type: 'order', id: '1' }, 3);
    expect(namesOf(await ensure({ aggregateType: 'order' }))).toEqual([orders]);
    expect(await api.info(events, durableName('streams'))).toBeUndefined();
    const both = await ensure({});
    expect(namesOf(both)).toEqual([events, orders]);
    expect(await take(own.nc, both[1]!, { max: 2 })).toHaveLength(2);
    await eventually(async () => (await keeper.state(both[1]!)).ackFloor === 2);
    expect(namesOf(await ensure({ aggregateType: 'user' }))).toEqual([events]);
    expect(await api.info(orders, durableName('streams'))).toBeUndefined();
    const again = await ensure({});
    expect(sequencesOf(await take(own.nc, again[1]!))).toEqual([3]);
    await own.close();
  });

  it('that come later are handed over from when the subscription was made', async () => {
    const own = await openOwnStore();
    const defaultStream = own.topology.defaultBinding.name;
    const { definition, from } = subscription({ name: 'grown', from: 'now' });
    await own.append({ tenantId: 't', type: 'user', id: '1' }, 2);
    await machinery(own.nc, own.topology).keeper.ensure(definition, from);
    const topology = { defaultStream, streams: [{ stream: `${defaultStream}_CARTS`, aggregateTypes: ['cart'] }] };
    const grown = await StoredStream.open(server.url, { topology });
    await grown.append({ tenantId: 't', type: 'cart', id: '1' }, 3);
    const [events, carts] = await machinery(grown.nc, grown.topology).keeper.ensure(definition, from);
    expect(await take(grown.nc, events!)).toEqual([]);
    expect(await take(grown.nc, carts!)).toHaveLength(3);
    await Promise.all([own.close(), grown.close()]);
  });
});

/** A store with a default stream of its own, so that it may be taken apart. */
function openOwnStore(topology: TopologyOptions = {}): Promise<StoredStream> {
  return StoredStream.open(server.url, { topology: { ...topology, defaultStream: `OWN_${++stores}` } });
}
