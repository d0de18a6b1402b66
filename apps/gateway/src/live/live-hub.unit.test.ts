import { setImmediate as turn } from 'node:timers/promises';
import {
  CorruptEvent,
  type EventStore,
  type FollowOptions,
  type Position,
  type ReadAllOptions,
  type RecordedEvent,
  StoreUnavailable,
} from '@annals/core';
import { eventually } from '@annals/testing';
import { pino } from 'pino';
import { LiveHub } from './live-hub.ts';
import { type LiveOutput, LiveSubscription } from './live-subscription.ts';
import type { CheckedLiveStart } from './live-start.ts';
import { Slots } from './slots.ts';

const BUFFER_BYTES = 2_000;

/** A log of two streams, and what happens while it is read and followed. */
class TwoStreams {
  readonly log: RecordedEvent[] = [];
  readonly followedFrom: Position[][] = [];
  /** Runs before a read hands out its first event. */
  beforeRead: (options: ReadAllOptions) => void = () => {};
  failure: Error | undefined;
  reads = 0;
  #wake: (() => void)[] = [];

  add(stream: string, padding = ''): void {
    const sequence = this.last(stream) + 1;
    this.log.push({
      messageId: `${stream}-${sequence}`,
      type: 'a',
      data: padding,
      timestamp: '2024-01-01T00:00:00Z',
      recordedAt: `2024-01-01T00:00:00.${String(this.log.length).padStart(6, '0')}Z`,
      tenantId: 'default',
      schemaVersion: 1,
      position: { stream, sequence },
    } as RecordedEvent);
    this.#wakeAll();
  }

  fail(error: Error): void {
    this.failure = error;
    this.#wakeAll();
  }

  get store(): EventStore {
    return {
      status: async () => ({
        state: 'ready',
        durability: '',
        streams: ['A', 'B'].map((name) => ({ name, lastSequence: this.last(name) })),
      }),
      follow: (_: unknown, options: FollowOptions) => this.#follow(options),
      readAll: (options: ReadAllOptions) => this.#read(options),
    } as unknown as EventStore;
  }

  private last(stream: string): number {
    return this.log.filter(({ position }) => position.stream === stream).length;
  }

  #wakeAll(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  async *#read(options: ReadAllOptions): AsyncGenerator<RecordedEvent> {
    this.reads++;
    const stored = this.#behind(options.after ?? []).slice(0, options.limit);
    this.beforeRead(options);
    await turn();
    yield* stored;
  }

  async *#follow({ from, signal }: FollowOptions): AsyncGenerator<RecordedEvent> {
    const { after } = from as { after: Position[] };
    this.followedFrom.push(after);
    const begin = this.#behind(after);
    let next = this.log.length;
    yield* begin;
    for (;;) {
      while (next < this.log.length) yield this.log[next++]!;
      const { failure } = this;
      this.failure = undefined;
      if (failure) throw failure;
      await new Promise<void>((resolve) => {
        this.#wake.push(resolve);
        signal!.onabort = () => resolve();
      });
      signal!.throwIfAborted();
    }
  }

  #behind(after: readonly Position[]): RecordedEvent[] {
    const reached = new Map(after.map(({ stream, sequence }) => [stream, sequence]));
    return this.log.filter(({ position }) => position.sequence > (reached.get(position.stream) ?? 0));
  }
}

class Output implements LiveOutput {
  readonly ids: string[] = [];
  readonly cursors: string[] = [];
  readonly caughtUpAt: number[] = [];
  isFull = false;
  drain: () => void = () => {};

  event(frame: { stream: string; sequence: number }, cursor: string): void {
    this.ids.push(`${frame.stream}-${frame.sequence}`);
    this.cursors.push(cursor);
  }

  caughtUp(): void {
    this.caughtUpAt.push(this.ids.length);
  }

  drained(): Promise<void> {
    if (!this.isFull) return Promise.resolve();
    return new Promise((resolve) => {
      this.drain = () => {
        this.isFull = false;
        resolve();
      };
    });
  }
}

describe('a live subscription', () => {
  const left: AbortController[] = [];
  const logger = pino({ level: 'silent' });
  let streams: TwoStreams;
  let hub: LiveHub;

  beforeEach(async () => {
    streams = new TwoStreams();
    hub = await LiveHub.open({}, { store: () => streams.store, logger });
  });
  afterEach(() => {
    hub.close();
    for (const controller of left.splice(0)) controller.abort();
  });

  const subscribe = (start: CheckedLiveStart, output = new Output()) => {
    const subscription = new LiveSubscription(hub, start, output, {
      store: () => streams.store,
      slots: new Slots(1),
      bufferBytes: BUFFER_BYTES,
      onCatchUp: () => {},
    });
    const controller = new AbortController();
    left.push(controller);
    const ended = subscription.run(controller.signal);
    ended.catch(() => {});
    return { output, subscription, ended };
  };
  const ids = () => streams.log.map(({ messageId }) => messageId);
  const got = (output: Output, count: number) => eventually(() => output.ids.length >= count, { intervalMs: 1 });

  it('joins its hub without a gap or doubling whatever is stored while it reads', async () => {
    for (let i = 0; i < 10; i++) streams.add(i % 3 ? 'A' : 'B');
    let adding = 3;
    streams.beforeRead = () => {
      if (adding-- > 0) streams.add(adding % 2 ? 'A' : 'B');
    };
    const { output } = subscribe('beginning');
    await got(output, 11);
    streams.add('A');
    streams.add('B');
    await got(output, streams.log.length);
    expect([...output.ids].sort()).toEqual(ids().sort());
    expect(output.caughtUpAt).toHaveLength(1);
  });

  it('reads once more where more came while it read than may wait', async () => {
    streams.add('A');
    streams.beforeRead = () => {
      if (streams.reads === 1) for (let i = 0; i < 5; i++) streams.add('B', 'x'.repeat(BUFFER_BYTES / 3));
    };
    const { output } = subscribe('beginning');
    await got(output, 6);
    expect(output.ids).toEqual(ids());
    expect(streams.reads).toBeGreaterThan(1);
  });

  it('leaves its hub when its client is full, and reads on where it was', async () => {
    const { output } = subscribe('now');
    streams.add('A');
    await got(output, 1);
    output.isFull = true;
    for (let i = 0; i < 20; i++) streams.add(i % 2 ? 'A' : 'B');
    await eventually(() => hub.positions.cursor === 'A:11,B:10');
    expect(output.ids).toHaveLength(1);
    output.drain();
    await got(output, 21);
    streams.add('B');
    await got(output, 22);
    expect(output.ids).toEqual(ids());
    expect(output.caughtUpAt).toEqual([0]);
  });

  it('has cursors that miss nothing in any stream and double nothing, wherever it is cut off', async () => {
    for (let i = 0; i < 6; i++) streams.add(i % 2 ? 'A' : 'B');
    const from = { after: [{ stream: 'A', sequence: 2 }] };
    const { output } = subscribe(from);
    await eventually(() => output.caughtUpAt.length);
    streams.add('B');
    streams.add('A');
    await got(output, 6);
    const all = [...output.ids];
    for (const [i, cursor] of output.cursors.entries()) {
      const places = cursor.split(',').map((place) => place.split(':') as [string, string]);
      const after = places.map(([stream, sequence]) => ({ stream, sequence: Number(sequence) }));
      const resumed = subscribe({ after });
      await eventually(() => resumed.output.caughtUpAt.length, { intervalMs: 1 });
      expect([...all.slice(0, i + 1), ...resumed.output.ids].sort()).toEqual([...all].sort());
    }
  });

  it('goes on when the store was away, from where its hub was', async () => {
    const { output } = subscribe('now');
    streams.add('A');
    await got(output, 1);
    streams.fail(new StoreUnavailable('away'));
    await eventually(() => streams.failure === undefined);
    streams.add('B');
    await got(output, 2);
    expect(output.ids).toEqual(['A-1', 'B-1']);
    expect(streams.followedFrom).toHaveLength(2);
  });

  it('ends with the error of an event that cannot be read', async () => {
    const { ended } = subscribe('now');
    await turn();
    streams.fail(new CorruptEvent({ stream: 'A', sequence: 1 }, 'evt.x', 'it is no JSON'));
    await expect(ended).rejects.toMatchObject({ code: 'corrupt-event' });
    expect(hub.ended).toBe(true);
  });
});
