// What docs/reference/wire-contract.md says, compared with the code and tried on a server.
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { DEAD_LETTER_KINDS, type EventStore, type ProcessInput, defineProcess, silentLogger } from '@annals/core';
import { type TestNatsServer, eventually, startNatsServer } from '@annals/testing';
import { type StreamConfig, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import * as names from '../bucket/bucket-names.ts';
import {
  deadLetterStreamConfig,
  keptStreamDifferences,
  redeliveryStreamConfig,
} from '../dead-letter/kept-stream-config.ts';
import { HEADER, LETTER_HEADER } from '../header/header-names.ts';
import { openJetStreamStore } from '../index.ts';
import { configDifferences } from '../provision/config-differences.ts';
import { MINIMUM_SERVER_VERSION } from '../provision/server-version.ts';
import { METADATA, WIRE_FORMAT } from '../provision/stream-metadata.ts';
import { wantedConfig } from '../provision/wanted-config.ts';
import * as processes from '../process/process-names.ts';
import * as replays from '../replay/replay-names.ts';
import { aggregatePrefix, idempotencySubject, looseEventPrefix } from '../subject/subject-map.ts';
import { CONSUMER_METADATA } from '../subscribe/consumer/consumer-config.ts';
import * as subscriptions from '../subscribe/subscription-names.ts';
import { resolveTopology } from '../topology/topology.ts';
import { block, page } from './snippets.spec-support.ts';

const contract = page('reference/wire-contract.md');
const orders = resolveTopology({ streams: [{ stream: 'ORDERS', aggregateTypes: ['order'] }] });
const [events, ordersStream] = [orders.defaultBinding, orders.bindingOf('order')];

const [stream, sub] = ['STREAM', 'SUB'];
/** Keys of the bucket of subscriptions, with the page's words for what stands in them. */
const subscriptionKeys = [
  subscriptions.definitionKey('EVENTS', sub).replace('EVENTS', '<EVENTS>'),
  subscriptions.lockKey('EVENTS', sub).replace('EVENTS', '<EVENTS>'),
  subscriptions.checkpointKey(stream, sub),
  subscriptions.activationKey(stream, sub),
  subscriptions.lastAttemptKey(stream, sub, '<id>'),
  subscriptions.parkedKey(stream, sub, 'LANE').replace('LANE', '<lane>'),
  subscriptions.durableName(sub),
  subscriptions.redeliveryDurableName(sub, stream),
].map((key) => key.replace(stream, '<STREAM>').replace(sub, '<subscription>'));

const instance = { tenantId: 'TENANT', key: 'KEY' };
const processKeys = [
  processes.checkpointKey('EVENTS', 'PROC'),
  processes.publishedKey('EVENTS', 'PROC'),
  processes.turnKey('EVENTS', 'PROC'),
  processes.liveKey('EVENTS', 'PROC', instance),
  processes.overKey('EVENTS', 'PROC', instance),
].map((key) =>
  key.replace('EVENTS', '<EVENTS>').replace('PROC', '<process>').replace('TENANT', '<tenant>').replace('KEY', '<key>'),
);

/** The configuration that the page shows of a stream. */
function configOf(stream: string): StreamConfig {
  return JSON.parse(block(contract, 'json', `"name": "${stream}"`)) as StreamConfig;
}

let server: TestNatsServer;
const cleanups: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  const permissions = block(contract, '', 'permissions:');
  server = await startNatsServer({
    extraConfig: `
      accounts {
        STORE {
          jetstream: enabled
          users: [{ user: admin, password: admin }, { user: service, password: service, ${permissions} }]
        }
      }
      no_auth_user: admin`,
  });
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

afterAll(async () => {
  await server?.stop();
});

describe('docs/reference/wire-contract.md', () => {
  it.each([
    `${aggregatePrefix(events.prefix, { tenantId: 'acme', type: 'user', id: 'user-123' })}.3.user.updated`,
    `${aggregatePrefix(ordersStream.prefix, { tenantId: 'acme', type: 'order', id: 'o-1' })}.1.order.placed`,
    `${looseEventPrefix(events.prefix, 'acme', '01JH8ZJ5V3')}.audit.noted`,
    `${aggregatePrefix(events.prefix, { tenantId: 'acme', type: 'a.b', id: 'ü *' })}.1.user.created`,
    `${aggregatePrefix(events.prefix, { tenantId: 'acme', type: 'user', id: '-' })}.1.user.created`,
    idempotencySubject(events.idempotencyPrefix, 'acme', 'order-4711'),
    ...events.subjects,
    ...Object.values(HEADER),
    ...Object.values(METADATA),
    ...Object.values(CONSUMER_METADATA),
    names.STATS_BUCKET,
    names.RETENTION_BUCKET,
    names.checkpointKey('<STREAM>'),
    names.retentionRecordKey('<STREAM>'),
    names.sweeperLeaseKey('<EVENTS>'),
    names.sweepHoldKey('<STREAM>'),
    ...Object.values(LETTER_HEADER),
    ...DEAD_LETTER_KINDS,
    ...subscriptions.DEAD_LETTER_SUBJECTS,
    ...subscriptions.REDELIVERY_SUBJECTS,
    processes.PROCESS_BUCKET,
    ...processKeys,
    replays.REPLAY_BUCKET,
    replays.jobKey('<EVENTS>', '<id>'),
    replays.openKey('<EVENTS>', '<id>'),
    replays.leaseKey('<EVENTS>', '<id>'),
    replays.requestKey('<EVENTS>', '<digest>'),
    replays.replayDurableName('<id>', 1).replace('-1', '-<term>'),
    subscriptions.SUBSCRIPTION_BUCKET,
    ...subscriptionKeys,
    subscriptions.deadLetterSubject({ subscription: 'billing.eu', stream: 'EVENTS', sequence: 17 }, 'x').slice(0, -22),
    MINIMUM_SERVER_VERSION,
    `Version \`${WIRE_FORMAT}\``,
  ])('names %s', (name) => expect(contract).toContain(name));

  it('shows the configurations of the streams of dead letters and redeliveries', () => {
    for (const wanted of [deadLetterStreamConfig(1), redeliveryStreamConfig(1)]) {
      const shown = configOf(wanted.name);
      expect(keptStreamDifferences(shown, wanted)).toEqual([]);
      expect({ ...shown, description: wanted.description }).toEqual(wanted);
    }
  });

  it('shows the configuration that the store wants', () => {
    const shown = configOf('EVENTS');
    const wanted = wantedConfig(events, resolveTopology(), 1);
    expect(configDifferences(shown, wanted, true)).toEqual([]);
    expect({ ...shown, description: wanted.description }).toEqual(wanted);
  });

  it('gives a service the permissions that it needs, on streams that an operator set up', async () => {
    const admin = await connect({ servers: server.url });
    cleanups.push(() => admin.close());
    const { streams } = await jetstreamManager(admin);
    for (const name of ['EVENTS', 'DEAD_LETTERS', 'REDELIVERIES']) await streams.add(configOf(name));

    const refusals: unknown[] = [];
    const connection = await connect({ servers: server.url, user: 'service', pass: 'service' });
    cleanups.push(() => connection.close());
    void (async () => {
      for await (const status of connection.status()) if (status.type === 'error') refusals.push(status.error);
    })();
    const warn = (message: string, fields?: object): void => {
      if (!message.startsWith('an event became a dead letter')) refusals.push(message, fields);
    };
    const store = await openJetStreamStore({
      connection,
      provisioning: 'verify',
      retention: { days: 0.000001, everyMs: 1_000, settleMs: 0 },
      replays: { drive: true },
      logger: { ...silentLogger, warn },
    });
    cleanups.push(() => store.close());
    const user = { type: 'user', id: 'ada' };
    const changes = [1, 2, 3].map((i) => ({ type: 'user.changed', data: { i } }));
    await store.append(user, changes, { idempotencyKey: 'once' });
    expect((await store.append(user, changes, { idempotencyKey: 'once' })).repeated).toBe(true);
    await eventually(async () => (await store.load(user, { cache: false })).retainedFromVersion === 3);
    expect(await store.stats()).toMatchObject({ totalEvents: 1, uniqueAggregates: 1 });
    expect(await store.count({ aggregateType: 'user' })).toBe(1);
    expect(await store.aggregateTypesOf('ada')).toEqual(['user']);
    for await (const event of store.readAll()) expect(event.version).toBe(3);
    expect((await store.status()).state).toBe('ready');
    await subscribe(store);
    await manage(store);
    await replay(store);
    await store.close();
    expect(refusals).toEqual([]);
  }, 60_000);
});

/** Runs a process manager until a timer has ended its instance. */
async function manage(store: EventStore): Promise<void> {
  const managers = store.processes;
  const handle = (_: unknown, { type }: ProcessInput) =>
    type === 'timeout' ? { end: 'due' } : { schedule: { name: 'due', afterMs: 10 } };
  const running = await managers.run(
    defineProcess({ name: 'trial', startsOn: ['trial.begun'], correlate: () => 'one', initialState: 0, handle }),
  );
  await store.append({ type: 'trial', id: '1' }, { type: 'trial.begun', data: {} });
  await eventually(async () => (await managers.instances('trial', { state: 'timed-out' })).instances.length === 1);
  expect((await managers.list()).map(({ name }) => name)).toEqual(['trial']);
  await running.stop();
}

/** Hands events over again, to a subscription that nobody handles. */
async function replay({ replays, subscriptions }: EventStore): Promise<void> {
  await subscriptions.create({ name: 'replayed', from: 'now' });
  const request = { target: { type: 'subscription', name: 'replayed' }, idempotencyKey: 'once' } as const;
  const { id } = await replays.start(request);
  expect((await replays.start(request)).id).toBe(id);
  await eventually(async () => (await replays.get(id)).state === 'completed');
  expect((await replays.list()).jobs.map((job) => job.delivered)).toEqual([(await replays.get(id)).total]);
  const paused = await replays.start({ target: request.target, ratePerSecond: 0.01 });
  await replays.pause(paused.id);
  await replays.cancel(paused.id);
  await subscriptions.delete('replayed');
}

/** Has events given up on, one of them handled again and the others purged, in both modes. */
async function subscribe(store: EventStore): Promise<void> {
  for (const mode of ['shared', 'ordered'] as const) {
    let isMended = false;
    const name = `${mode}.subscription`;
    const active = await store.subscriptions.subscribe({ name, mode }, (_, context) => {
      if (!isMended) context.deadLetter('not yet');
    });
    for (const id of ['eve', 'bob']) await store.append({ type: mode, id }, { type: 'user.changed', data: {} });
    await eventually(async () => (await store.deadLetters.count({ aggregateType: mode })) === 2);
    isMended = true;
    await store.deadLetters.redrive({ subscription: name, aggregateId: 'eve', aggregateType: mode });
    await eventually(async () => (await store.deadLetters.count({ aggregateType: mode })) === 1);
    const { letters } = await store.deadLetters.list({ subscription: name });
    expect(await store.deadLetters.purge({ subscription: name })).toBe(letters.length);
    await active.stop();
    expect((await store.subscriptions.get(name)).deadLetters).toBe(0);
    await store.subscriptions.delete(name);
  }
}
