import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DocumentContext, EventStore } from '@annals/core';
import { type TestNatsServer, startNatsServer } from '@annals/testing';
import { describeProjectionSink } from '@annals/testing/contract';
import { openJetStreamStore } from '../store/open-jetstream-store.ts';

let server: TestNatsServer;

beforeAll(async () => {
  server = await startNatsServer();
});

afterAll(() => server.stop());

describeProjectionSink<DocumentContext>('The bucket of documents', {
  sharesData: true,
  open: async () => {
    const store = await openJetStreamStore({ servers: server.url });
    const sink = store.projections.documents;
    return {
      sink,
      add: async (context, key, n) => context.put(key, [...((await context.get<number[]>(key)) ?? []), n]),
      read: async (name, key) => (await sink.readModel<number[]>(name).get(key)) ?? [],
      close: () => store.close(),
    };
  },
});

describe('documents in a bucket', () => {
  let store: EventStore;

  beforeAll(async () => {
    store = await openJetStreamStore({ servers: server.url });
  });
  afterAll(() => store.close());

  const write = async (name: string, work: (context: DocumentContext) => void | Promise<void>): Promise<void> => {
    const { documents } = store.projections;
    const [live = await documents.begin(name, 1)] = await documents.generations(name);
    const to = [{ stream: 'EVENTS', sequence: (live.checkpoint[0]?.sequence ?? 0) + 1 }];
    await documents.commit(name, live.number, live.checkpoint, to, async (context) => work(context));
  };

  it.each(['a', 'a.b', '*', '>', 'Zoë 🎉', '-', 'with space', '/', '='.repeat(200)])('have the key %j', async (key) => {
    await write('hostile', (context) => context.put(key, { key }));
    expect(await store.projections.documents.readModel('hostile').get(key)).toEqual({ key });
    await write('hostile', (context) => context.delete(key));
    expect(await store.projections.documents.readModel('hostile').get(key)).toBeUndefined();
    await write('hostile', async (context) => {
      expect(await context.get(key)).toBeUndefined();
      context.put(key, 2);
      expect(await context.get(key)).toBe(2);
    });
    expect(await store.projections.documents.readModel('hostile').get(key)).toBe(2);
  });

  it.each(['', 'x'.repeat(201), 7 as unknown as string])('refuse the key %j', async (key) => {
    await expect(write('refused', (context) => context.put(key, 1))).rejects.toMatchObject({
      code: 'validation-failed',
    });
    await expect(store.projections.documents.readModel('refused').get(key)).rejects.toMatchObject({
      code: 'validation-failed',
    });
  });

  it('refuse a value that is no JSON, and one that no message holds', async () => {
    const tooLarge = 'x'.repeat(2 * 1024 * 1024);
    for (const value of [undefined, () => 1, 1n, tooLarge]) {
      await expect(write('refused', (context) => context.put('a', value))).rejects.toMatchObject({
        code: 'validation-failed',
      });
    }
  });

  it('are kept up to 999 at once; more are given back to be divided', async () => {
    const all = (count: number) => (context: DocumentContext) => {
      for (let i = 0; i < count; i++) context.put(`k${i}`, i);
    };
    await expect(write('many', all(1_000))).rejects.toMatchObject({ name: 'CommitTooLarge' });
    await write('many', all(999));
    expect(await store.projections.documents.readModel('many').get('k998')).toBe(998);
  });
});
