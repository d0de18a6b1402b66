import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AggregateRepository, type EventStore, type RecordedEvent, defineAggregate } from '@annals/core';
import { type TestNatsServer, startNatsServer } from '@annals/testing';
import { type KV, Kvm } from '@nats-io/kv';
import { type NatsConnection, connect } from '@nats-io/transport-node';
import { openJetStreamStore } from '../store/open-jetstream-store.ts';
import { SNAPSHOT_BUCKET, snapshotKey } from './snapshot-names.ts';

interface Notes {
  readonly texts: readonly string[];
}

const notes = defineAggregate<Notes>({
  type: 'notes',
  initialState: { texts: [] },
  evolve: ({ texts }, event: RecordedEvent) => ({ texts: [...texts, event.data as string] }),
  snapshots: { everyEvents: 1 },
});

/** Does not compress: a snapshot of it takes several messages. */
function noise(length: number): string {
  return Array.from({ length }, (_, i) => Math.sin(i).toString(36)).join('');
}

describe('a damaged snapshot', () => {
  let server: TestNatsServer;
  let nc: NatsConnection;
  let store: EventStore;
  let bucket: KV;
  let repository: AggregateRepository<Notes>;
  let warnings: string[];
  let count = 0;
  let id: string;
  let key: string;

  beforeAll(async () => {
    server = await startNatsServer();
    nc = await connect({ servers: server.url });
  });

  afterAll(async () => {
    await nc.close();
    await server.stop();
  });

  beforeEach(async () => {
    warnings = [];
    const logger = { debug() {}, info() {}, error() {}, warn: (text: string) => void warnings.push(text) };
    store = await openJetStreamStore({ servers: server.url, logger });
    repository = new AggregateRepository(store, notes, { snapshots: store.snapshots, logger });
    id = `n${(count += 1)}`;
    key = snapshotKey('EVENTS', { tenantId: 'default', type: 'notes', id });
  });

  afterEach(() => store.close());

  /** An aggregate whose snapshot is in the bucket. */
  async function kept(texts: readonly string[]): Promise<Notes> {
    await store.append(
      { type: 'notes', id },
      texts.map((data) => ({ type: 'notes.added', data })),
    );
    expect(await repository.takeSnapshot(id)).toBe(texts.length);
    bucket = await new Kvm(nc).open(SNAPSHOT_BUCKET);
    return { texts };
  }

  /** The state comes from the events all the same, the snapshot is replaced, and the next load is from that one. */
  async function isRebuilt(state: Notes, says: RegExp): Promise<void> {
    const version = state.texts.length;
    expect(await repository.load(id)).toEqual({ state, version });
    expect(warnings).toContainEqual(expect.stringMatching(says));
    await repository.settled();
    expect(await store.snapshots.get({ type: 'notes', id })).toMatchObject({ version, state });
    warnings.length = 0;
    expect(await repository.load(id)).toEqual({ state, version });
    await repository.settled();
    expect(warnings).toEqual([]);
  }

  it.each<[string, (value: Uint8Array) => Uint8Array]>([
    ['is no snapshot at all', () => new TextEncoder().encode('nonsense')],
    ['is empty', () => new Uint8Array()],
    ['is cut off', (value) => value.slice(0, -5)],
    ['has other bytes', (value) => value.with(value.length - 3, value.at(-3)! ^ 0xff)],
  ])('that %s is passed over with a warning, and replaced', async (_, damage) => {
    const state = await kept(['a', 'b', 'c']);
    const entry = await bucket.get(key);
    await bucket.put(key, damage(entry!.value));
    await isRebuilt(state, /is passed over/);
  });

  it('that was copied from another aggregate is passed over', async () => {
    await kept(['other']);
    const other = await bucket.get(key);
    id = `${id}-copy`;
    key = snapshotKey('EVENTS', { tenantId: 'default', type: 'notes', id });
    const state = await kept(['mine']);
    await bucket.put(key, other!.value);
    await isRebuilt(state, /of another aggregate/);
  });

  it.each<[string, (part: string) => Promise<unknown>]>([
    ['lacks a part', (part) => bucket.delete(part)],
    ['has a part with other bytes', (part) => bucket.put(part, new Uint8Array(1_000))],
  ])('that %s is passed over with a warning, and replaced', async (_, damage) => {
    const state = await kept([1, 2, 3, 4].map((n) => `${n}${noise(50_000)}`));
    const parts: string[] = [];
    for await (const part of await bucket.keys(`${key}.part.>`)) parts.push(part);
    expect(parts.length).toBeGreaterThan(1);
    await damage(parts[1]!);
    await isRebuilt(state, /is passed over/);
  });

  it('that is ahead of a restored store is passed over, and replaced', async () => {
    await kept(['a', 'b', 'c']);
    const entry = await bucket.get(key);
    // The streams of the events come back from an older backup, the snapshots are still there.
    await store.close();
    const jsm = await (await import('@nats-io/jetstream')).jetstreamManager(nc);
    await jsm.streams.purge('EVENTS');
    const logger = { debug() {}, info() {}, error() {}, warn: (text: string) => void warnings.push(text) };
    store = await openJetStreamStore({ servers: server.url, logger });
    repository = new AggregateRepository(store, notes, { snapshots: store.snapshots, logger });
    await store.append({ type: 'notes', id }, { type: 'notes.added', data: 'restored' });
    expect((await bucket.get(key))!.revision).toBe(entry!.revision);
    await isRebuilt({ texts: ['restored'] }, /there is no such version/);
  });
});
