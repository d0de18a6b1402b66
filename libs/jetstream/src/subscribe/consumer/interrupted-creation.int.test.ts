import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type TestNatsServer, eventually, startNatsServer } from '@annals/testing';
import { StoredStream } from '../../read/stored-stream.spec-support.ts';
import { machinery, sequencesOf, subscription, take } from '../subscription.spec-support.ts';
import { durableName, lockKey } from '../subscription-names.ts';
import type { ConsumerApi } from './consumer-api.ts';

let server: TestNatsServer;
let store: StoredStream;

beforeAll(async () => {
  server = await startNatsServer();
  store = await StoredStream.open(server.url);
  await append('before');
});

afterAll(async () => {
  await store?.close();
  await server?.stop();
});

const open = (options?: { stuckMs?: number }) => machinery(store.nc, store.topology, options);
const append = (id: string, count = 3) => store.append({ tenantId: 't', type: 'user', id }, count);
const everything = async () => (await open().leader.message('EVENTS', { last_by_subj: 'evt.>' }))!.sequence;
const consumerOf = (name: string) => ({ binding: store.topology.defaultBinding, name: durableName(name) });

/** Lets a method of the API end its process: before it has sent anything, or after it was done. */
function killAt(api: ConsumerApi, method: 'create' | 'reset' | 'update' | 'resume', when: 'before' | 'after'): void {
  const original = api[method].bind(api) as (...args: unknown[]) => Promise<unknown>;
  Object.assign(api, {
    [method]: async (...args: unknown[]) => {
      if (when === 'after') await original(...args);
      throw new Error('killed');
    },
  });
}

describe('a process that dies while it makes a consumer', () => {
  it.each(
    (['create', 'reset', 'update', 'resume'] as const).flatMap((method) => [
      { method, when: 'before' as const },
      { method, when: 'after' as const },
    ]),
  )('leaves it to the next one: $when $method', async ({ method, when }) => {
    const name = `killed-${when}-${method}`;
    const { definition, from } = subscription({ name, from: 'now' });
    const end = await everything();
    const dying = open();
    killAt(dying.api, method, when);
    await expect(dying.keeper.ensure(definition, from)).rejects.toThrow('killed');
    await append(name);
    const [consumer] = await open().keeper.ensure(definition, from);
    expect(sequencesOf(await take(store.nc, consumer!))).toEqual([end + 1, end + 2, end + 3]);
  });

  it('is waited for no longer than its lock lives', async () => {
    const { definition, from } = subscription({ name: 'locked' });
    const { bucket } = open().records;
    await bucket.put(lockKey('EVENTS', 'locked'), 'of a process that died', 0, 1);
    const [consumer] = await open().keeper.ensure(definition, from);
    expect(await take(store.nc, consumer!)).toHaveLength(await everything());
  });

  it('is made good by a handler that runs on, when it died while it set the consumer to another place', async () => {
    const { definition, from } = subscription({ name: 'stuck' });
    const running = open({ stuckMs: 50 });
    const [consumer] = await running.keeper.ensure(definition, from);
    const last = await everything();
    expect(await take(store.nc, consumer!)).toHaveLength(last);
    const dying = open();
    killAt(dying.api, 'reset', 'before');
    const rewind = dying.keeper.change('stuck', (record) => ({ ...record, rewinding: { EVENTS: last } }));
    await expect(rewind).rejects.toThrow('killed');
    expect(await take(store.nc, consumer!)).toEqual([]);
    await eventually(async () => {
      await running.keeper.saveCheckpoint('stuck', consumer!);
      return (await take(store.nc, consumer!)).length === 1;
    });
  });
});

describe('processes that make a consumer at once', () => {
  it('make one, and set it to its start once', async () => {
    const { definition, from } = subscription({ name: 'at-once' });
    const processes = Array.from({ length: 6 }, () => open());
    let resets = 0;
    for (const { api } of processes) {
      const reset = api.reset.bind(api);
      api.reset = (...args) => {
        resets++;
        return reset(...args);
      };
    }
    const made = await Promise.all(processes.map(({ keeper }) => keeper.ensure(definition, from)));
    expect(made.every(([consumer]) => consumer!.name === durableName('at-once'))).toBe(true);
    expect(resets).toBe(1);
    const taken = await take(store.nc, consumerOf('at-once'));
    expect(new Set(sequencesOf(taken)).size).toBe(taken.length);
  });

  it('agree on what now is', async () => {
    const { definition, from } = subscription({ name: 'now-at-once', from: 'now' });
    const end = await everything();
    await Promise.all(Array.from({ length: 6 }, () => open().keeper.ensure(definition, from)));
    await append('now-at-once', 2);
    expect(sequencesOf(await take(store.nc, consumerOf('now-at-once')))).toEqual([end + 1, end + 2]);
  });
});
