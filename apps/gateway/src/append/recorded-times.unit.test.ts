import type { EventStore, Position } from '@annals/core';
import { createInMemoryStore } from '@annals/testing';
import { withMethods } from '../store/replaced-methods.spec-support.ts';
import { RecordedTimes } from './recorded-times.ts';

const at = (...sequences: number[]): Position[] => sequences.map((sequence) => ({ stream: 'EVENTS', sequence }));

describe('asking when events were recorded', () => {
  /** A store that notes what it is asked, and answers when it is told to. */
  const recording = (answer: (positions: readonly Position[]) => Promise<readonly (string | undefined)[]>) => {
    const asked: number[][] = [];
    const recordedAt: EventStore['recordedAt'] = (positions) => {
      asked.push(positions.map(({ sequence }) => sequence));
      return answer(positions);
    };
    const store = withMethods(createInMemoryStore(), { recordedAt });
    return { asked, times: new RecordedTimes(() => store, 1_000) };
  };
  const echo = async (positions: readonly Position[]): Promise<readonly string[]> =>
    positions.map(({ sequence }) => `t${sequence}`);

  it('gathers what comes together into one question, and gives each his own answers', async () => {
    const { asked, times } = recording(echo);
    const answers = await Promise.all([times.of(at(1, 2)), times.of(at(3)), times.of([]), times.of(at(9, 8))]);
    expect(answers).toEqual([['t1', 't2'], ['t3'], [], ['t9', 't8']]);
    expect(asked).toEqual([[1, 2, 3, 9, 8]]);
  });

  it('has one question under way, and gathers for the next meanwhile', async () => {
    const release: (() => void)[] = [];
    const { asked, times } = recording(async (positions) => {
      await new Promise<void>((resolve) => void release.push(resolve));
      return echo(positions);
    });
    const first = times.of(at(1));
    while (release.length < 1) await new Promise((resolve) => setImmediate(resolve));
    const later = [times.of(at(2)), times.of(at(3))];
    release[0]!();
    expect(await first).toEqual(['t1']);
    while (release.length < 2) await new Promise((resolve) => setImmediate(resolve));
    release[1]!();
    expect(await Promise.all(later)).toEqual([['t2'], ['t3']]);
    expect(asked).toEqual([[1], [2, 3]]);
  });

  it('asks for large appends one after the other', async () => {
    const { asked, times } = recording(echo);
    const many = Array.from({ length: 4_000 }, (_, i) => i + 1);
    await Promise.all([times.of(at(...many)), times.of(at(...many)), times.of(at(1))]);
    expect(asked.map((question) => question.length)).toEqual([8_000, 1]);
  });

  it('tells everyone of a failure, and goes on', async () => {
    let fails = true;
    const { times } = recording(async (positions) => {
      if (fails) throw new Error('gone');
      return echo(positions);
    });
    const results = await Promise.allSettled([times.of(at(1)), times.of(at(2))]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    fails = false;
    expect(await times.of(at(3))).toEqual(['t3']);
  });

  it('gives up a question that is not answered, so that later ones are asked', async () => {
    let isStuck = true;
    const recordedAt: EventStore['recordedAt'] = (positions) => (isStuck ? new Promise(() => {}) : echo(positions));
    const store = withMethods(createInMemoryStore(), { recordedAt });
    const times = new RecordedTimes(() => store, 20);
    await expect(times.of(at(1))).rejects.toMatchObject({ code: 'request-timeout' });
    isStuck = false;
    expect(await times.of(at(2))).toEqual(['t2']);
  });
});
