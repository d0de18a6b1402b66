import { describe, expect, it } from '@jest/globals';
import {
  CorruptEvent,
  EventRegistry,
  type RecordedEvent,
  type ReplayOutcome,
  type ReplaySink,
  currentSink,
} from '../index.ts';

const event = (sequence: number, type = 'a.b'): RecordedEvent => ({
  messageId: `m-${sequence}`,
  type,
  data: {},
  timestamp: '2024-01-01T00:00:00Z',
  tenantId: 'default',
  schemaVersion: 1,
  position: { stream: 'EVENTS', sequence },
  recordedAt: '2024-01-01T00:00:00Z',
});

/** Splits an event in two, drops one, cannot migrate one, leaves the others. */
const registry = {
  isSealed: true,
  current(stored: RecordedEvent): RecordedEvent | readonly RecordedEvent[] {
    const { position, messageId } = stored;
    if (messageId === 'm-2') return [event(2, 'a.first'), event(2, 'a.second')];
    if (messageId === 'm-3') return [];
    if (messageId === 'm-4') throw new CorruptEvent(position, 'a.b', 'it cannot be migrated');
    return stored;
  },
} as EventRegistry;

async function deliver(sink: ReplaySink, sequences: number[]): Promise<ReplayOutcome[]> {
  const outcomes: ReplayOutcome[] = [];
  const signal = new AbortController().signal;
  for await (const outcome of sink.deliver(
    sequences.map((n) => event(n)),
    signal,
  ))
    outcomes.push(outcome);
  return outcomes;
}

function noting(fails: (type: string) => boolean = () => false, atMost = Infinity) {
  const types: string[] = [];
  const sink: ReplaySink = {
    async *deliver(events) {
      for (const { type } of events) {
        if (types.length === atMost) return;
        types.push(type);
        yield fails(type) ? { failure: 'no' } : {};
      }
    },
    async close() {},
  };
  return { types, sink };
}

describe('currentSink', () => {
  it('hands over what migrations make of events, and tells of each stored one', async () => {
    const { types, sink } = noting();
    const outcomes = await deliver(currentSink(sink, registry), [1, 2, 3, 4, 5]);
    expect(types).toEqual(['a.b', 'a.first', 'a.second', 'a.b']);
    expect(outcomes).toEqual([{}, {}, {}, { failure: expect.stringContaining('cannot be migrated') }, {}]);
  });

  it('takes an event as failed when a part of it failed', async () => {
    const { sink } = noting((type) => type === 'a.first');
    expect(await deliver(currentSink(sink, registry), [1, 2, 5])).toEqual([{}, { failure: 'no' }, {}]);
  });

  it('tells nothing of an event whose parts were not all told of', async () => {
    const { sink } = noting(undefined, 2);
    expect(await deliver(currentSink(sink, registry), [1, 2, 5])).toEqual([{}]);
  });

  it('hands over nothing before the registry is sealed, and does not keep a process that stops', async () => {
    const unsealed = new EventRegistry();
    const { types, sink: inner } = noting();
    const sink = currentSink(inner, unsealed);
    const stopping = new AbortController();
    const told = sink
      .deliver([event(1)], stopping.signal)
      [Symbol.asyncIterator]()
      .next();
    stopping.abort(new Error('stopped'));
    await expect(told).rejects.toThrow('stopped');
    expect(types).toEqual([]);
    unsealed.seal();
    expect(await deliver(sink, [1])).toEqual([{}]);
  });

  it('is the sink itself without a registry', () => {
    const { sink } = noting();
    expect(currentSink(sink, undefined)).toBe(sink);
  });
});
