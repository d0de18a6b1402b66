import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Checkpoint, type Generation, type ProjectionSink, isCheckpointMoved } from '@annals/core';

/** A sink under test, with a read model of lists of numbers by key. */
export interface SinkUnderTest<Context> {
  readonly sink: ProjectionSink<Context>;
  /** Puts a number at the end of the list under a key. */
  add(context: Context, key: string, n: number): Promise<void>;
  /** The list under a key as readers of the generation in use see it; empty when there is none. */
  read(name: string, key: string): Promise<readonly number[]>;
  close(): Promise<void>;
}

export interface SinkFactory<Context> {
  /** @param purpose a name that no other test has: read models of different purposes do not meet */
  open(purpose: string): Promise<SinkUnderTest<Context>>;
  /** True when what one sink wrote another one of the same purpose sees, as in another process. */
  readonly sharesData: boolean;
}

/**
 * Tests all that the port `ProjectionSink` promises, for one implementation.
 *
 * @param name of the implementation, for the tests' names
 */
export function describeProjectionSink<Context>(name: string, factory: SinkFactory<Context>): void {
  describe(`${name} as a sink of projections`, () => {
    const purpose = `sink_${randomUUID().slice(0, 8)}`;
    let one: SinkUnderTest<Context>;
    let other: SinkUnderTest<Context>;
    let projection: string;
    let counter = 0;

    beforeAll(async () => {
      one = await factory.open(purpose);
      other = factory.sharesData ? await factory.open(purpose) : one;
    });
    afterAll(async () => {
      await one?.close();
      if (other !== one) await other?.close();
    });
    beforeEach(async () => {
      // A read model belongs to one projection: the last test's is out of the way.
      if (projection)
        for (const { number } of await one.sink.generations(projection)) await one.sink.drop(projection, number);
      projection = `${purpose}-${++counter}`;
    });

    const at = (sequence: number): Checkpoint => [{ stream: 'EVENTS', sequence }];
    const commit = (
      { sink, add }: SinkUnderTest<Context>,
      { number }: Generation,
      from: Checkpoint,
      to: Checkpoint,
      ...numbers: number[]
    ): Promise<void> =>
      sink.commit(projection, number, from, to, async (context) => {
        for (const n of numbers) await add(context, 'a', n);
      });
    const refusal = async (promise: Promise<unknown>): Promise<unknown> =>
      promise.then(
        () => undefined,
        (error: unknown) => error,
      );

    it('knows no generations of a projection that was never run', async () => {
      expect(await one.sink.generations(projection)).toEqual([]);
    });

    it('uses the first generation at once, and others when they are promoted', async () => {
      const first = await one.sink.begin(projection, 1);
      expect(first).toEqual({ number: first.number, version: 1, live: true, checkpoint: [] });
      expect(first.number).toBeGreaterThanOrEqual(1);
      const second = await one.sink.begin(projection, 2);
      expect(second).toMatchObject({ version: 2, live: false, checkpoint: [] });
      expect(second.number).toBeGreaterThan(first.number);
      expect(await other.sink.generations(projection)).toEqual([first, second]);
    });

    it('keeps what was written with the checkpoint', async () => {
      const generation = await one.sink.begin(projection, 1);
      await commit(one, generation, [], at(3), 1, 2, 3);
      await commit(one, generation, at(3), at(5), 4, 5);
      expect(await other.read(projection, 'a')).toEqual([1, 2, 3, 4, 5]);
      expect(await other.sink.generations(projection)).toEqual([{ ...generation, checkpoint: at(5) }]);
    });

    it('moves a checkpoint of several streams, and one where nothing is written', async () => {
      const generation = await one.sink.begin(projection, 1);
      const several = [
        { stream: 'EVENTS', sequence: 2 },
        { stream: 'ORDERS', sequence: 9 },
      ];
      await commit(one, generation, [], several);
      await commit(one, generation, several, [...at(7), several[1]!]);
      expect((await other.sink.generations(projection))[0]!.checkpoint).toEqual([...at(7), several[1]]);
      expect(await one.read(projection, 'a')).toEqual([]);
    });

    it('keeps nothing of work that fails, and passes its error on', async () => {
      const generation = await one.sink.begin(projection, 1);
      await commit(one, generation, [], at(1), 1);
      const failing = one.sink.commit(projection, generation.number, at(1), at(2), async (context) => {
        await one.add(context, 'a', 2);
        throw new RangeError('broken');
      });
      await expect(failing).rejects.toThrow(new RangeError('broken'));
      expect(await one.read(projection, 'a')).toEqual([1]);
      expect((await one.sink.generations(projection))[0]!.checkpoint).toEqual(at(1));
      await commit(one, generation, at(1), at(2), 2);
      expect(await one.read(projection, 'a')).toEqual([1, 2]);
    });

    it('refuses what was to be written from another checkpoint', async () => {
      const generation = await one.sink.begin(projection, 1);
      await commit(one, generation, [], at(2), 1, 2);
      expect(isCheckpointMoved(await refusal(commit(other, generation, [], at(2), 1, 2)))).toBe(true);
      expect(isCheckpointMoved(await refusal(commit(other, generation, at(1), at(3), 2, 3)))).toBe(true);
      expect(await one.read(projection, 'a')).toEqual([1, 2]);
      await commit(other, generation, at(2), at(3), 3);
      expect(isCheckpointMoved(await refusal(commit(one, generation, at(2), at(3), 3)))).toBe(true);
      expect(await one.read(projection, 'a')).toEqual([1, 2, 3]);
      await commit(one, generation, at(3), at(4), 4);
      expect(await one.read(projection, 'a')).toEqual([1, 2, 3, 4]);
    });

    it('lets one of several succeed that write from the same checkpoint at the same time', async () => {
      const generation = await one.sink.begin(projection, 1);
      for (let step = 0; step < 5; step++) {
        const from = step === 0 ? [] : at(step);
        const tries = [one, other, one, other].map((sink) =>
          refusal(commit(sink, generation, from, at(step + 1), step)),
        );
        const errors = (await Promise.all(tries)).filter((error) => error !== undefined);
        expect(errors.map(isCheckpointMoved)).toEqual([true, true, true]);
      }
      expect(await one.read(projection, 'a')).toEqual([0, 1, 2, 3, 4]);
    });

    it('builds a generation beside the one in use, which readers then see as a whole', async () => {
      const first = await one.sink.begin(projection, 1);
      await commit(one, first, [], at(2), 1, 2);
      const second = await one.sink.begin(projection, 1);
      await commit(one, second, [], at(3), 10, 20, 30);
      expect(await other.read(projection, 'a')).toEqual([1, 2]);
      await commit(other, first, at(2), at(3), 3);
      expect(await one.read(projection, 'a')).toEqual([1, 2, 3]);
      await one.sink.promote(projection, second.number);
      expect(await one.read(projection, 'a')).toEqual([10, 20, 30]);
      expect(await other.read(projection, 'a')).toEqual([10, 20, 30]);
      expect(await other.sink.generations(projection)).toEqual([{ ...second, live: true, checkpoint: at(3) }]);
    });

    it('refuses writes to a generation that is gone', async () => {
      const first = await one.sink.begin(projection, 1);
      await commit(other, first, [], at(1), 1);
      const second = await one.sink.begin(projection, 1);
      await one.sink.promote(projection, second.number);
      expect(isCheckpointMoved(await refusal(commit(other, first, at(1), at(2), 2)))).toBe(true);
      expect(await one.read(projection, 'a')).toEqual([]);
    });

    it('promotes and drops twice without harm, and never uses a number again', async () => {
      const first = await one.sink.begin(projection, 1);
      const second = await one.sink.begin(projection, 1);
      await one.sink.promote(projection, second.number);
      await one.sink.promote(projection, second.number);
      const third = await one.sink.begin(projection, 2);
      await one.sink.drop(projection, third.number);
      await one.sink.drop(projection, third.number);
      await one.sink.drop(projection, first.number);
      expect(await other.sink.generations(projection)).toEqual([{ ...second, live: true }]);
      const fourth = await one.sink.begin(projection, 2);
      expect(fourth.number).toBeGreaterThan(third.number);
      await commit(one, second, [], at(1), 7);
      expect(await one.read(projection, 'a')).toEqual([7]);
    });
  });
}
