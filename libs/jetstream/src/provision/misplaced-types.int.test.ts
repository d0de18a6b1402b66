import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { isMisplacedAggregateType, silentLogger } from '@annals/core';
import { type TestNatsServer, startNatsServer } from '@annals/testing';
import type { JetStreamManager, StreamConfig } from '@nats-io/jetstream';
import { type NatsConnection, connect } from '@nats-io/transport-node';
import type { TopologyOptions } from '../topology/topology-options.ts';
import { resolveTopology } from '../topology/topology.ts';
import { checkServer } from './check-server.ts';
import { provisionStreams } from './provision-streams.ts';

let server: TestNatsServer;
let nc: NatsConnection;
let jsm: JetStreamManager;

beforeAll(async () => {
  server = await startNatsServer();
  nc = await connect({ servers: server.url });
  jsm = await checkServer(nc);
});

afterAll(async () => {
  await nc?.close();
  await server?.stop();
});

afterEach(async () => {
  for await (const name of jsm.streams.names()) await jsm.streams.delete(name);
});

const ORDERS: TopologyOptions = { streams: [{ stream: 'ORDERS', aggregateTypes: ['order', 'cart'] }] };

const provision = (options?: TopologyOptions) =>
  provisionStreams(jsm, resolveTopology(options), { logger: silentLogger });

async function misplaced(promise: Promise<unknown>): Promise<readonly string[]> {
  const error = await promise.then(
    () => new Error('it did not fail'),
    (failure: unknown) => failure,
  );
  if (!isMisplacedAggregateType(error)) throw error;
  return error.misplaced.map(({ aggregateType, foundIn, wantedIn }) => `${aggregateType}: ${foundIn} -> ${wantedIn}`);
}

const configOf = async (stream: string): Promise<StreamConfig> => (await jsm.streams.info(stream)).config;

describe('provisionStreams and events that are elsewhere', () => {
  const publish = async (...subjects: string[]) => {
    for (const subject of subjects) nc.publish(subject, '{}');
    await nc.flush();
  };

  it('refuses a type of a dedicated stream that has events in the default one, and touches nothing', async () => {
    await provision();
    await publish('evt.acme.order.o-1.1.order.placed', 'evt.acme.user.order.1.user.created');
    expect(await misplaced(provision(ORDERS))).toEqual(['order: EVENTS -> ORDERS']);
    await expect(jsm.streams.info('ORDERS')).rejects.toThrow();
    await jsm.streams.purge('EVENTS', { filter: 'evt.acme.order.>' });
    expect((await provision(ORDERS)).map(({ outcome }) => outcome)).toEqual(['unchanged', 'created']);
  });

  it('tells types apart whatever their names', async () => {
    await provision();
    await publish('evt.acme.a%2Eb.1.1.t', 'evt.acme.%2D.1.1.t', 'evt.acme.-.-.01J.t');
    const stream = 'DEDICATED';
    expect(await misplaced(provision({ streams: [{ stream, aggregateTypes: ['a.b', '-', 'a', 'b', '*'] }] }))).toEqual([
      'a.b: EVENTS -> DEDICATED',
      '-: EVENTS -> DEDICATED',
    ]);
  });

  it('refuses to take a type with events away from its dedicated stream, to the default or to another one', async () => {
    await provision(ORDERS);
    await publish('evt-ORDERS.acme.cart.c.1.cart.opened', 'evt-ORDERS.acme.order.o.1.order.placed');
    expect(await misplaced(provision({ streams: [{ stream: 'ORDERS', aggregateTypes: ['order'] }] }))).toEqual([
      'cart: ORDERS -> EVENTS',
    ]);
    const split = [
      { stream: 'ORDERS', aggregateTypes: ['order'] },
      { stream: 'CARTS', aggregateTypes: ['cart'] },
    ];
    expect(await misplaced(provision({ streams: split }))).toEqual(['cart: ORDERS -> CARTS']);
    expect(await provision(ORDERS)).toHaveLength(2);
  });

  it('refuses to forget a stream that holds events', async () => {
    await provision(ORDERS);
    await publish('evt-ORDERS.acme.cart.c.1.cart.opened');
    expect(await misplaced(provision())).toEqual(['cart: ORDERS -> EVENTS']);
    await jsm.streams.purge('ORDERS');
    expect(await provision()).toEqual([{ name: 'EVENTS', outcome: 'unchanged' }]);
  });

  it('lets a type without events move freely', async () => {
    await provision(ORDERS);
    await publish('evt-ORDERS.acme.order.o.1.order.placed');
    const moved = { streams: [{ stream: 'ORDERS', aggregateTypes: ['order', 'invoice'] }] };
    expect((await provision(moved)).map(({ outcome }) => outcome)).toEqual(['unchanged', 'updated']);
    expect((await configOf('ORDERS')).metadata).toMatchObject({ 'annals.aggregate-types': '["order","invoice"]' });
  });
});
