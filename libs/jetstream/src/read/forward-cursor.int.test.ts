import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import { type TestNatsServer, startNatsServer } from '@annals/testing';
import type { RequestChannel } from '../connection/request-channel.ts';
import { type CursorOptions, ForwardCursor } from './forward-cursor.ts';
import { heapInUse } from './heap.spec-support.ts';
import { LeaderReader } from './leader-reader.ts';
import { StoredStream, range } from './stored-stream.spec-support.ts';

const SIZE = 30_000;

let server: TestNatsServer;
let stored: StoredStream;

beforeAll(async () => {
  server = await startNatsServer();
  stored = await StoredStream.open(server.url);
  for (let i = 0; i < 3; i++) await stored.append({ tenantId: 't', type: 'order', id: String(i) }, SIZE / 3);
}, 60_000);

afterAll(async () => {
  await stored?.close();
  await server?.stop();
});

function cursor(options: Partial<CursorOptions<number>> = {}, channel: RequestChannel = stored.channel) {
  return new ForwardCursor<number>(channel, new LeaderReader(channel), {
    stream: 'EVENTS',
    filters: ['evt.>'],
    fromSequence: 1,
    toSequence: SIZE,
    batch: 1_000,
    batchBytes: 4 * 1024 * 1024,
    isReplicated: false,
    timeoutMs: 5_000,
    decode: ({ sequence }) => sequence,
    ...options,
  });
}

/** All sequences; `during` runs between two chunks. */
async function sequences(source: ForwardCursor<number>, during?: (seen: number) => Promise<void>): Promise<number[]> {
  const all: number[] = [];
  for (let chunk = await source.nextChunk(); chunk; chunk = await source.nextChunk()) {
    all.push(...chunk);
    await during?.(all.length);
  }
  return all;
}

/** Runs `action` once, when so many items were seen. */
function onceAfter(items: number, action: () => Promise<unknown>): (seen: number) => Promise<void> {
  let done = false;
  return async (seen) => {
    if (done || seen < items) return;
    done = true;
    await action();
  };
}

describe('ForwardCursor', () => {
  it('reads all messages in order', async () => {
    expect(await sequences(cursor())).toEqual(range(1, SIZE));
  });

  it('reads the sequences from and to which it was told to, and no more than it was told to', async () => {
    expect(await sequences(cursor({ fromSequence: 100, toSequence: 5_000 }))).toEqual(range(100, 5_000));
    expect(await sequences(cursor({ fromSequence: 100, atMost: 7 }))).toEqual(range(100, 106));
    expect(await sequences(cursor({ fromSequence: 5, toSequence: 4 }))).toEqual([]);
    expect(await sequences(cursor({ atMost: 0 }))).toEqual([]);
    expect(await sequences(cursor({ filters: ['evt.nobody.>'] }))).toEqual([]);
  });

  it('leaves out what decode leaves out, however much that is', async () => {
    const decode = ({ sequence }: { sequence: number }) => (sequence % 9_999 === 0 ? sequence : undefined);
    expect(await sequences(cursor({ decode, batch: 100 }))).toEqual([9_999, 19_998, 29_997]);
  });

  it('reads on by a new consumer when its own is deleted', async () => {
    const manager = await jetstreamManager(stored.nc);
    const deleteConsumers = async () => {
      for await (const { name } of manager.consumers.list('EVENTS')) await manager.consumers.delete('EVENTS', name);
    };
    expect(await sequences(cursor(), onceAfter(5_000, deleteConsumers))).toEqual(range(1, SIZE));
  });

  it('notices a message that was lost on the way, and reads on behind the last one before it', async () => {
    let dropped = 0;
    const lossy = new Proxy(stored.channel, {
      get(target, key) {
        if (key !== 'nc') return Reflect.get(target, key) as unknown;
        const { nc } = target;
        return new Proxy(nc, {
          get(connection, name) {
            if (name !== 'subscribe') {
              const value = Reflect.get(connection, name) as unknown;
              return typeof value === 'function' ? (value.bind(connection) as unknown) : value;
            }
            return (
              subject: string,
              { callback }: { callback: (error: Error | null, msg: { reply?: string }) => void },
            ) =>
              nc.subscribe(subject, {
                callback: (error, msg) => {
                  if (dropped < 3 && msg.reply?.includes(`.${4_000 * (dropped + 1)}.`)) dropped++;
                  else callback(error, msg);
                },
              });
          },
        });
      },
    });
    expect(await sequences(cursor({}, lossy))).toEqual(range(1, SIZE));
    expect(dropped).toBe(3);
  });

  it('pulls no further while nobody takes what it has', async () => {
    let decoded = 0;
    const source = cursor({ batch: 500, decode: ({ sequence }) => (decoded++, sequence) });
    await source.nextChunk();
    let before = -1;
    // Whatever was asked for has come when nothing more comes over several round trips.
    for (let still = 0; still < 5; still = decoded === before ? still + 1 : 0) {
      before = decoded;
      await stored.nc.flush();
      await turn();
    }
    expect(decoded).toBeLessThanOrEqual(1_500);
    source.close();
  });

  it('ends where a decoder fails, after what came before', async () => {
    const source = cursor({
      decode: ({ sequence }) => {
        if (sequence === 42) throw new Error('no event');
        return sequence;
      },
    });
    const seen: number[] = [];
    const reading = (async () => {
      for (let chunk = await source.nextChunk(); chunk; chunk = await source.nextChunk()) seen.push(...chunk);
    })();
    await expect(reading).rejects.toThrow('no event');
    expect(seen).toEqual(range(1, 41));
  });

  it('lets a waiting reader go when it is closed', async () => {
    const source = cursor({ decode: () => undefined });
    const waiting = source.nextChunk();
    source.close();
    expect(await waiting).toBeUndefined();
  });

  it('says that the store is not available when the stream is gone', async () => {
    await expect(cursor({ stream: 'NOPE' }).nextChunk()).rejects.toMatchObject({ code: 'store-unavailable' });
  });
});

describe('reading a whole stream slowly', () => {
  it('takes little memory', async () => {
    const before = heapInUse();
    let seen = 0;
    let most = 0;
    for await (const event of stored.streams.readAll()) {
      if (event.position.sequence !== ++seen) throw new Error(`sequence ${event.position.sequence}`);
      if (seen % 100 === 0) await turn();
      if (seen % 5_000 === 0) most = Math.max(most, heapInUse() - before);
    }
    expect(seen).toBe(SIZE);
    // 15,000 events wait at most, of about 1 KB each in memory.
    expect(most).toBeLessThan(30 * 1024 * 1024);
  });
});

describe('a read of a whole stream', () => {
  let own: TestNatsServer;
  let reader: StoredStream;
  const COUNT = 20_000;

  beforeEach(async () => {
    own = await startNatsServer();
    reader = await StoredStream.open(own.url);
    await reader.append({ tenantId: 't', type: 'order', id: '1' }, COUNT);
  }, 60_000);

  afterEach(async () => {
    await reader?.close();
    await own?.stop();
  });

  it.each(['kill', 'reconnect'] as const)(
    'survives a %s, both ways',
    async (what) => {
      for (const direction of ['forwards', 'backwards'] as const) {
        const seen: number[] = [];
        for await (const event of reader.streams.readAll({ direction })) {
          seen.push(event.position.sequence);
          if (seen.length !== 3_000 && seen.length !== 12_000) continue;
          if (what === 'reconnect') await reader.nc.reconnect();
          else {
            await own.kill();
            await own.restart();
          }
        }
        expect(seen).toEqual(direction === 'forwards' ? range(1, COUNT) : range(1, COUNT).reverse());
      }
    },
    60_000,
  );
});
