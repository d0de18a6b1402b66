import { describe, expect, it } from '@jest/globals';
import type { DocumentContext } from '@annals/core';
import { describeProjectionSink } from '../../contract/projection/describe-projection-sink.ts';
import { createInMemoryDocuments } from './in-memory-documents.ts';

describeProjectionSink<DocumentContext>('The in-memory document store', {
  sharesData: false,
  open: async () => {
    const sink = createInMemoryDocuments();
    return {
      sink,
      add: async (context, key, n) => context.put(key, [...((await context.get<number[]>(key)) ?? []), n]),
      read: async (name, key) => (await sink.readModel<number[]>(name).get(key)) ?? [],
      close: async () => {},
    };
  },
});

describe('in-memory documents', () => {
  it('are listed by key, without those that were removed', async () => {
    const sink = createInMemoryDocuments();
    const { number } = await sink.begin('names', 1);
    await sink.commit('names', number, [], [], async (context) => {
      context.put('b', { n: 2 });
      context.put('a', { n: 1 });
      context.put('c', { n: 3 });
      context.delete('c');
      expect(await context.get('c')).toBeUndefined();
    });
    expect(sink.all('names')).toEqual({ a: { n: 1 }, b: { n: 2 } });
    expect(Object.keys(sink.all('names'))).toEqual(['a', 'b']);
    expect(sink.all('other')).toEqual({});
  });
});
