import { describe, expect, it } from '@jest/globals';
import {
  MAX_FAILURES_IN_A_ROW,
  type RecordedEvent,
  type ReplayItem,
  type ReplayJob,
  type ReplayOutcome,
  type ReplaySink,
  type ReplaySource,
  ReplayTargetDown,
  type ReplayUpdate,
  runReplay,
} from '../index.ts';

const event = (sequence: number): RecordedEvent => ({
  messageId: `m-${sequence}`,
  type: 'step.done',
  data: {},
  timestamp: '2024-01-01T00:00:00Z',
  tenantId: 'default',
  schemaVersion: 1,
  position: { stream: 'EVENTS', sequence },
  recordedAt: '2024-01-01T00:00:00Z',
});

const item = (sequence: number): ReplayItem => {
  const { position, recordedAt } = event(sequence);
  return { position, recordedAt, event: event(sequence) };
};
const items = (from: number, to: number): ReplayItem[] =>
  Array.from({ length: to - from + 1 }, (_, i) => item(from + i));
const pass = (sequence: number): ReplayItem => ({ position: { stream: 'EVENTS', sequence }, recordedAt: '' });

const job = (more: Partial<ReplayJob> = {}): ReplayJob => ({
  id: 'job',
  state: 'running',
  filter: {},
  target: { type: 'webhook', url: 'https://example.org/' },
  dryRun: false,
  createdAt: '',
  updatedAt: '',
  total: 1_000,
  delivered: 0,
  failed: 0,
  rate: 0,
  checkpoint: [],
  failures: [],
  ...more,
});

function sourceOf(...chunks: readonly (readonly ReplayItem[])[]): ReplaySource & { settled: number[] } {
  const left = [...chunks];
  const settled: number[] = [];
  return {
    settled,
    next: async () => left.shift(),
    settle: (checkpoint) => settled.push(checkpoint[0]?.sequence ?? 0),
    close() {},
  };
}

/** A sink that answers by a function, and notes the batches that it got. */
function sinkOf(answer: (sequence: number) => ReplayOutcome | Promise<ReplayOutcome> = () => ({})) {
  const batches: number[][] = [];
  const sink: ReplaySink & { batches: number[][] } = {
    batches,
    async *deliver(events, signal) {
      batches.push(events.map(({ position }) => position.sequence));
      for (const { position } of events) {
        if (signal.aborted) return;
        yield await answer(position.sequence);
      }
    },
    async close() {},
  };
  return sink;
}

interface Parts {
  readonly job?: ReplayJob;
  readonly source: ReplaySource;
  readonly sink: ReplaySink;
  readonly checkMine?: () => void;
  readonly signal?: AbortSignal;
  readonly nowMs?: () => number;
  readonly onSave?: () => void;
}

function run(parts: Parts): { saved: ReplayUpdate[]; end: ReturnType<typeof runReplay> } {
  const saved: ReplayUpdate[] = [];
  const end = runReplay({
    job: parts.job ?? job(),
    source: parts.source,
    sink: parts.sink,
    save: async (update) => {
      parts.onSave?.();
      saved.push(update);
    },
    checkMine: parts.checkMine ?? (() => undefined),
    nowMs: parts.nowMs ?? (() => 0),
    signal: parts.signal ?? new AbortController().signal,
  });
  return { saved, end };
}

describe('runReplay', () => {
  it('hands over batches of at most a hundred events and saves behind each', async () => {
    const source = sourceOf(items(1, 250), items(251, 260));
    const sink = sinkOf();
    const { saved, end } = run({ source, sink });
    expect(await end).toEqual({ type: 'completed' });
    expect(sink.batches.map(({ length }) => length)).toEqual([100, 100, 50, 10]);
    expect(saved.map(({ delivered }) => delivered)).toEqual([100, 200, 250, 260, 260]);
    expect(source.settled).toEqual([100, 200, 250, 260, 260]);
  });

  it('goes on counting from what was saved', async () => {
    const saved = { delivered: 7, failed: 2, checkpoint: [{ stream: 'OTHER', sequence: 3 }] };
    const { saved: updates, end } = run({ job: job(saved), source: sourceOf(items(10, 10)), sink: sinkOf() });
    await end;
    expect(updates.at(-1)).toMatchObject({
      delivered: 8,
      failed: 2,
      checkpoint: [
        { stream: 'OTHER', sequence: 3 },
        { stream: 'EVENTS', sequence: 10 },
      ],
    });
  });

  it('passes what is not to be handed over, and takes it into the checkpoint', async () => {
    const sink = sinkOf();
    const { saved, end } = run({ source: sourceOf([pass(4)], [item(5), pass(9)]), sink });
    await end;
    expect(sink.batches).toEqual([[5]]);
    expect(saved.at(-1)!.checkpoint).toEqual([{ stream: 'EVENTS', sequence: 9 }]);
  });

  it('counts what is no event as a failure', async () => {
    const damaged = { ...pass(2), damage: 'it is no event' };
    const { saved, end } = run({ source: sourceOf([item(1), damaged, item(3)]), sink: sinkOf() });
    await end;
    expect(saved.at(-1)).toMatchObject({
      delivered: 2,
      failed: 1,
      failures: [{ position: { stream: 'EVENTS', sequence: 2 }, reason: 'it is no event' }],
    });
  });

  it('asks before each batch whether the job is still its own', async () => {
    let asked = 0;
    const sink = sinkOf();
    const checkMine = (): void => {
      if (++asked === 2) throw new Error('another process has it');
    };
    const { end } = run({ source: sourceOf(items(1, 300)), sink, checkMine });
    await expect(end).rejects.toThrow('another process has it');
    expect(sink.batches.length).toBe(1);
  });

  it('hands over nothing more when it cannot save', async () => {
    const sink = sinkOf();
    const onSave = (): void => {
      throw new Error('another process has it');
    };
    const { end } = run({ source: sourceOf(items(1, 300)), sink, onSave });
    await expect(end).rejects.toThrow('another process has it');
    expect(sink.batches.length).toBe(1);
  });

  it('saves what was told of when it is stopped within a batch', async () => {
    const stopping = new AbortController();
    const sink = sinkOf((sequence) => {
      if (sequence === 30) stopping.abort(new Error('paused'));
      return {};
    });
    const { saved, end } = run({ source: sourceOf(items(1, 100)), sink, signal: stopping.signal });
    await expect(end).rejects.toThrow('paused');
    expect(saved).toHaveLength(1);
    expect(saved[0]).toMatchObject({ delivered: 30, checkpoint: [{ stream: 'EVENTS', sequence: 30 }] });
  });

  it('saves what was told of before the target broke', async () => {
    const sink = sinkOf((sequence) => {
      if (sequence === 3) throw new Error('broken');
      return {};
    });
    const { saved, end } = run({ source: sourceOf(items(1, 10)), sink });
    await expect(end).rejects.toThrow('broken');
    expect(saved.at(-1)).toMatchObject({ delivered: 2, checkpoint: [{ stream: 'EVENTS', sequence: 2 }] });
  });

  it('saves at least every second within a batch', async () => {
    let now = 0;
    const sink = sinkOf(() => {
      now += 400;
      return {};
    });
    const { saved, end } = run({ source: sourceOf(items(1, 10)), sink, nowMs: () => now });
    await end;
    expect(saved.map(({ delivered }) => delivered)).toEqual([3, 6, 9, 10, 10]);
  });

  it('gives up behind so many failures in a row, not behind as many that were not', async () => {
    const sink = sinkOf((sequence) => (sequence === 10 ? {} : { failure: 'no' }));
    const { saved, end } = run({ source: sourceOf(items(1, 100)), sink });
    expect(await end).toEqual({ type: 'gave-up', reason: expect.stringContaining('no') });
    expect(saved.at(-1)).toMatchObject({ delivered: 1, failed: 9 + MAX_FAILURES_IN_A_ROW });
  });

  it('gives up without a failure when the target says that it is down', async () => {
    const sink = sinkOf((sequence) => {
      if (sequence === 5) throw new ReplayTargetDown('the disk is full');
      return {};
    });
    const { saved, end } = run({ source: sourceOf(items(1, 10)), sink });
    expect(await end).toEqual({ type: 'gave-up', reason: 'the disk is full' });
    expect(saved.at(-1)).toMatchObject({ delivered: 4, failed: 0 });
  });

  it('saves what the target needs to go on', async () => {
    let bytes = 0;
    const sink: ReplaySink = {
      ...sinkOf(),
      checkpoint: async () => ({ file: { path: 'a.partial', bytes: (bytes += 10) } }),
      finish: async () => ({ file: { path: 'a', bytes } }),
    };
    const { saved, end } = run({ source: sourceOf(items(1, 150)), sink });
    await end;
    expect(saved.map(({ file }) => file)).toEqual([
      { path: 'a.partial', bytes: 10 },
      { path: 'a.partial', bytes: 20 },
      { path: 'a', bytes: 20 },
    ]);
  });

  it('counts an event as failed that one of several subscriptions did not get', async () => {
    const sink = sinkOf((sequence) => ({
      bySubscription: [{ subscription: 'a' }, { subscription: 'b', ...(sequence === 2 && { failure: 'no room' }) }],
    }));
    const { saved, end } = run({
      job: job({ target: { type: 'all-subscriptions' } }),
      source: sourceOf(items(1, 3)),
      sink,
    });
    await end;
    expect(saved.at(-1)).toMatchObject({
      delivered: 2,
      failed: 1,
      failures: [{ subscription: 'b', reason: 'no room', messageId: 'm-2' }],
      results: [
        { subscription: 'a', delivered: 3, failed: 0 },
        { subscription: 'b', delivered: 2, failed: 1 },
      ],
    });
  });
});
