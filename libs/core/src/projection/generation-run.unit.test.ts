import { afterEach, describe, expect, it } from '@jest/globals';
import { createInMemoryDocuments, createInMemoryStore, eventually } from '@annals/testing';
import { silentLogger } from '../logging/logger.ts';
import { systemClock } from '../time/clock.ts';
import { type Checkpoint, advance, covers, sameCheckpoint } from './checkpoint.ts';
import { defineProjection } from './define-projection.ts';
import type { DocumentContext } from './document-sink.ts';
import { GenerationRun } from './generation-run.ts';
import { CommitTooLarge, type ProjectionSink } from './projection-sink.ts';

type Commit = ProjectionSink<DocumentContext>['commit'];

const store = createInMemoryStore();
const projected = {
  follow: store.follow.bind(store),
  count: store.count.bind(store),
  readAll: store.readAll.bind(store),
  heads: async () =>
    (await store.status()).streams.map(({ name, lastSequence: sequence }) => ({ stream: name, sequence })),
};
let tests = 0;

/** A run over some numbered events, whose commits go through `around`. */
async function start(count: number, around: (commit: Commit) => Commit = (commit) => commit) {
  const tenantId = `t${++tests}`;
  const events = Array.from({ length: count }, (_, n) => ({ type: 'n', data: { n: n + 1 } }));
  await store.append({ tenantId, type: 'list', id: '1' }, events);
  const documents = createInMemoryDocuments();
  const projection = defineProjection<DocumentContext>({
    name: 'list',
    tenantId,
    handle: async ({ data }, context) => {
      const all = (await context.get<number[]>('all')) ?? [];
      context.put('all', [...all, (data as { n: number }).n]);
    },
  });
  const generation = await documents.begin('list', 1);
  const commit = around(documents.commit.bind(documents));
  const sink = { ...bound(documents), commit };
  const options = { store: projected, projection, sink, clock: systemClock, logger: silentLogger, onChange: () => {} };
  const run = new GenerationRun(options, generation);
  runs.push(run);
  return { run, documents, list: () => (documents.all('list').all as number[] | undefined) ?? [] };
}

const runs: { stop(): Promise<void> }[] = [];
afterEach(() => Promise.all(runs.splice(0).map((run) => run.stop())));

function bound(sink: ProjectionSink<DocumentContext>): ProjectionSink<DocumentContext> {
  return {
    generations: sink.generations.bind(sink),
    begin: sink.begin.bind(sink),
    commit: sink.commit.bind(sink),
    promote: sink.promote.bind(sink),
    drop: sink.drop.bind(sink),
  };
}

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

describe('a run of a generation', () => {
  it('divides what a sink cannot keep at once', async () => {
    const sizes: number[] = [];
    const { run, list } = await start(20, (commit) => async (name, generation, from, to, work) => {
      const size = to[0]!.sequence - (from[0]?.sequence ?? 0);
      if (size > 3) throw new CommitTooLarge('too large');
      sizes.push(size);
      await commit(name, generation, from, to, work);
    });
    await eventually(() => list().length === 20);
    expect(list()).toEqual(upTo(20));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(3);
    expect(run.failure).toBeUndefined();
  });

  it('goes on behind what another process has written', async () => {
    let interfered = false;
    const { run, list } = await start(10, (commit) => async (name, generation, from, to, work) => {
      if (!interfered) {
        interfered = true;
        await commit(name, generation, from, to, work);
      }
      await commit(name, generation, from, to, work);
    });
    await eventually(() => run.checkpoint.length > 0);
    expect(list()).toEqual(upTo(10));
    expect(run.failure).toBeUndefined();
  });

  it('ends when its generation is gone', async () => {
    let drop = async (): Promise<void> => {};
    const { run, documents, list } = await start(3, (commit) => async (...args) => {
      await drop();
      return commit(...args);
    });
    drop = () => documents.drop('list', 1);
    await eventually(() => run.gone);
    expect(list()).toEqual([]);
  });

  it('outlives a sink that cannot be reached, and says so', async () => {
    let isDown = true;
    const { run, list } = await start(5, (commit) => async (...args) => {
      if (isDown) throw new Error('connection refused');
      return commit(...args);
    });
    await eventually(() => run.failure !== undefined);
    expect(run.failure!.message).toContain('connection refused');
    expect(run.failure!.position).toBeUndefined();
    isDown = false;
    await eventually(() => list().length === 5);
    expect(run.failure).toBeUndefined();
  });
});

describe('a checkpoint', () => {
  const at = (stream: string, sequence: number) => ({ stream, sequence });

  it('never goes back, and covers what lies before it', () => {
    let checkpoint: Checkpoint = [];
    for (const position of [at('B', 3), at('A', 5), at('B', 2), at('A', 7)]) checkpoint = advance(checkpoint, position);
    expect(checkpoint).toEqual([at('A', 7), at('B', 3)]);
    expect(covers(checkpoint, [at('A', 7)])).toBe(true);
    expect(covers(checkpoint, [at('A', 8)])).toBe(false);
    expect(covers(checkpoint, [at('C', 1)])).toBe(false);
    expect(sameCheckpoint(checkpoint, [at('B', 3), at('A', 7)])).toBe(true);
    expect(sameCheckpoint(checkpoint, [at('A', 7)])).toBe(false);
  });
});

describe('defineProjection', () => {
  it('names every problem', () => {
    const wrong = { name: 'a b', version: 0, batchSize: 10_001, handle: 1, handleBatch: 2, eventTypes: [] };
    const define = (): unknown => defineProjection(wrong as never);
    expect(define).toThrow(
      expect.objectContaining({
        errors: ['name', 'version', 'batchSize', 'handle', 'handleBatch', 'eventTypes'].map((path) =>
          expect.objectContaining({ path }),
        ),
      }),
    );
  });
});
