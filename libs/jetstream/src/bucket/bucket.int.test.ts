import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type TestNatsServer, eventually, startNatsServer } from '@annals/testing';
import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { type NatsConnection, connect } from '@nats-io/transport-node';
import { Bucket, CONFLICT } from './bucket.ts';
import { KeptDocument } from './document.ts';

let server: TestNatsServer;
let nc: NatsConnection;
let jsm: JetStreamManager;
let bucket: Bucket;
let name: string;
let buckets = 0;

beforeAll(async () => {
  server = await startNatsServer();
  nc = await connect({ servers: server.url });
  jsm = await jetstreamManager(nc);
});

afterAll(async () => {
  await nc?.close();
  await server?.stop();
});

beforeEach(() => {
  name = `TEST_${++buckets}`;
  bucket = openBucket();
});

const openBucket = () => new Bucket(nc, name, { description: 'test' });

const text = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString();
const messages = async () => (await jsm.streams.info(`KV_${name}`)).state.messages;

describe('Bucket', () => {
  it('has nothing in it until something is written, and is made only then', async () => {
    expect(await bucket.get('a')).toBeUndefined();
    expect(await bucket.keys('>')).toEqual([]);
    await bucket.remove('a');
    await expect(jsm.streams.info(`KV_${name}`)).rejects.toThrow();
    const revision = await bucket.put('a', 'one', 0);
    expect(await bucket.get('a')).toMatchObject({ revision });
    expect(await bucket.keys('>')).toEqual(['a']);
  });

  it('lets one of many writers win', async () => {
    const others = Array.from({ length: 8 }, () => openBucket());
    const first = await Promise.all(others.map((other, i) => other.put('a', `writer ${i}`, 0)));
    expect(first.filter((outcome) => outcome !== CONFLICT)).toHaveLength(1);
    const { revision } = (await bucket.get('a'))!;
    const second = await Promise.all(others.map((other) => other.put('a', 'again', revision)));
    expect(second.filter((outcome) => outcome !== CONFLICT)).toHaveLength(1);
    expect(text((await bucket.get('a'))?.value)).toBe('again');
  });

  it('takes a removed key as free, and the revision of what was there as stale', async () => {
    const revision = (await bucket.put('a', 'one', 0)) as number;
    await bucket.remove('a');
    expect(await bucket.get('a')).toBeUndefined();
    expect(await bucket.put('a', 'two', revision)).toBe(CONFLICT);
    expect(await bucket.put('a', 'two', 0)).not.toBe(CONFLICT);
    expect(text((await bucket.get('a'))?.value)).toBe('two');
  });

  it('lets a key go after its time to live, unless it is written again', async () => {
    let revision = (await bucket.put('kept', 'one', 0, 1)) as number;
    await bucket.put('gone', 'one', 0, 1);
    const renewal = setInterval(() => {
      void bucket.put('kept', 'one', revision, 1).then((next) => next !== CONFLICT && (revision = next));
    }, 200);
    try {
      await eventually(async () => (await bucket.get('gone')) === undefined);
      expect(text((await bucket.get('kept'))?.value)).toBe('one');
      expect(await bucket.put('gone', 'two', 0)).not.toBe(CONFLICT);
    } finally {
      clearInterval(renewal);
    }
  });

  it('lists keys with those that were there a moment ago, and nothing of another name', async () => {
    expect(await bucket.keysAndMarkers('run.*')).toEqual([]);
    await bucket.put('run.a', 'one', 0);
    await bucket.put('run.b', 'one', 0);
    await bucket.put('run.c', 'one', 0, 1);
    await bucket.put('other.a', 'one', 0);
    await bucket.remove('run.b');
    await eventually(async () => (await bucket.get('run.c')) === undefined);
    expect([...(await bucket.keysAndMarkers('run.*'))].sort()).toEqual(['run.a', 'run.b', 'run.c']);
  });

  it('leaves nothing behind on the server when keys are listed, whether there are any or none', async () => {
    for (let i = 0; i < 100; i++) await bucket.put(`list.${i}`, 'x', 0);
    expect((await bucket.keys('list.*')).length).toBe(100);
    expect(await bucket.keys('nothing.*')).toEqual([]);
    expect((await jsm.streams.info(`KV_${name}`)).state.consumer_count).toBe(0);
  });

  it('is made anew when somebody deleted it', async () => {
    await bucket.put('a', 'one', 0);
    await jsm.streams.delete(`KV_${name}`);
    expect(await bucket.get('a')).toBeUndefined();
    expect(await bucket.put('a', 'two', 0)).not.toBe(CONFLICT);
    expect(text((await bucket.get('a'))?.value)).toBe('two');
  });
});

describe('KeptDocument', () => {
  const PART = 4_000;
  const open = () => new KeptDocument(nc, openBucket(), 'doc', PART);
  /** Does not compress, so that it takes several parts. */
  const large = () => ({ noise: randomBytes(12_000).toString('base64') });

  it.each([
    ['small', () => ({ a: [1, 'ü', null] })],
    ['large', large],
  ])('keeps a %s value whole', async (_, value) => {
    const document = open();
    expect(await document.read()).toMatchObject({ state: 'absent', revision: 0 });
    const wanted = value();
    const written = await document.write(wanted, await document.read());
    expect(written).toMatchObject({ state: 'found' });
    expect(await open().read()).toEqual(written);
    expect(await open().read()).toMatchObject({ state: 'found', value: wanted });
  });

  it('leaves nothing of a large value behind when another one replaces it', async () => {
    const document = open();
    const first = await document.write(large(), await document.read());
    const second = await document.write(large(), first as never);
    expect((second as { parts: { count: number } }).parts.count).toBeGreaterThan(1);
    await document.write('small', second as never);
    expect(await bucket.keys('doc.part.>')).toEqual([]);
    expect(await document.read()).toMatchObject({ state: 'found', value: 'small' });
  });

  it('refuses the write of whoever has not seen the newest, and keeps nothing of it', async () => {
    const seen = await open().read();
    await open().write({ winner: true }, seen);
    expect(await open().write(large(), seen)).toBe(CONFLICT);
    expect(await bucket.keys('doc.part.>')).toEqual([]);
    expect(await open().read()).toMatchObject({ value: { winner: true } });
  });

  it('is never read torn while others replace it', async () => {
    const writer = open();
    await writer.write(large(), await writer.read());
    let done = false;
    const writing = (async () => {
      for (let i = 0; i < 20; i++) {
        const previous = await writer.read();
        await writer.write(i % 2 ? large() : { small: i }, previous);
      }
      done = true;
    })();
    let reads = 0;
    while (!done) {
      expect((await open().read()).state).toBe('found');
      reads++;
    }
    await writing;
    expect(reads).toBeGreaterThan(0);
  });

  it('says that it is damaged when its bytes are not what was written', async () => {
    const document = open();
    const written = await document.write(large(), await document.read());
    const { parts } = written as { parts: { id: string } };
    const key = `doc.part.${parts.id}.1`;
    await bucket.put(key, 'other bytes', (await bucket.get(key))!.revision);
    expect(await document.read()).toMatchObject({ state: 'damaged' });
    await bucket.remove(key);
    const damaged = await document.read();
    expect(damaged).toMatchObject({ state: 'damaged', reason: 'a part is missing' });
    expect(await document.write('mended', damaged)).not.toBe(CONFLICT);
    expect(await document.read()).toMatchObject({ state: 'found', value: 'mended' });
  });

  it.each(['', 'no head', '{}\n', '{"format":2}\n', '{"format":1,"digest":"x"}\nabc', '\n'])(
    'says that it is damaged when it is %j',
    async (bytes) => {
      await bucket.put('doc', bytes, 0);
      expect((await open().read()).state).toBe('damaged');
    },
  );

  it('does not pile up messages', async () => {
    const document = open();
    let previous = await document.read();
    for (let i = 0; i < 10; i++) previous = (await document.write({ i }, previous)) as never;
    expect(await messages()).toBe(1);
  });
});
