import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Lanes, laneOf } from './aggregate-lanes.ts';

/** Tasks that end when they are told to, and what began when. */
class Work {
  readonly begun: string[] = [];
  private readonly open = new Map<string, (delayMs?: number) => void>();

  task(name: string): () => Promise<number | void> {
    return () => {
      this.begun.push(name);
      return new Promise((resolve) => this.open.set(name, resolve));
    };
  }

  async end(name: string, delayMs?: number): Promise<void> {
    this.open.get(name)!(delayMs);
    await turn();
  }
}

const turn = async () => {
  for (let i = 0; i < 5; i++) await Promise.resolve();
};

let work: Work;

beforeEach(() => {
  work = new Work();
});

afterEach(() => void jest.useRealTimers());

describe('Lanes', () => {
  it('runs a lane in order, and different lanes at the same time up to the limit', async () => {
    const lanes = new Lanes(2);
    for (const name of ['a1', 'a2', 'b1', 'c1']) lanes.add(name[0]!, work.task(name));
    expect(work.begun).toEqual(['a1', 'b1']);
    expect(lanes.size).toBe(4);
    expect(lanes.running).toBe(2);
    await work.end('b1');
    expect(work.begun).toEqual(['a1', 'b1', 'c1']);
    await work.end('a1');
    expect(work.begun).toEqual(['a1', 'b1', 'c1', 'a2']);
    await work.end('a2');
    await work.end('c1');
    expect(lanes.size).toBe(0);
  });

  it('tells how many tasks of a group wait behind others of their lanes', async () => {
    const lanes = new Lanes(2);
    const [mine, others] = ['mine', 'others'];
    for (const name of ['a1', 'a2', 'a3', 'b1', 'c1']) lanes.add(name[0]!, work.task(name), mine);
    lanes.add('b', work.task('b2'), others);
    lanes.add(undefined, work.task('d1'), mine);
    const counts = () => [lanes.waitingBehind(mine), lanes.waitingBehind(others)];
    expect(counts()).toEqual([2, 1]);
    await work.end('a1', 60_000);
    expect(counts()).toEqual([2, 1]);
    await work.end('b1');
    expect(counts()).toEqual([2, 0]);
    lanes.clear(others);
    expect(counts()).toEqual([2, 0]);
    lanes.clear(mine);
    expect(counts()).toEqual([0, 0]);
  });

  it('runs tasks without a lane side by side, in the order in which they came', async () => {
    const lanes = new Lanes(2);
    for (const name of ['1', '2', '3']) lanes.add(undefined, work.task(name));
    expect(work.begun).toEqual(['1', '2']);
    await work.end('2');
    expect(work.begun).toEqual(['1', '2', '3']);
  });

  it('runs what ends at once within the call that adds it, however much that is', () => {
    const lanes = new Lanes(1);
    let done = 0;
    lanes.add('a', () => {
      for (let i = 0; i < 100_000; i++) lanes.add('a', () => void done++);
    });
    expect(done).toBe(100_000);
    expect(lanes.size).toBe(0);
  });

  it('runs a task again after the time it asks for, before the rest of its lane and beside other lanes', async () => {
    jest.useFakeTimers();
    const lanes = new Lanes(1);
    for (const name of ['a1', 'a2', 'b1']) lanes.add(name[0]!, work.task(name));
    await work.end('a1', 500);
    expect(work.begun).toEqual(['a1', 'b1']);
    await work.end('b1');
    expect(work.begun).toEqual(['a1', 'b1']);
    expect(lanes.size).toBe(2);
    jest.advanceTimersByTime(500);
    expect(work.begun).toEqual(['a1', 'b1', 'a1']);
    await work.end('a1');
    expect(work.begun).toEqual(['a1', 'b1', 'a1', 'a2']);
  });

  it('runs a task alone when it is asked to', async () => {
    const lanes = new Lanes(3);
    lanes.add('a', work.task('a1'));
    lanes.alone(work.task('alone'));
    lanes.add('b', work.task('b1'));
    expect(work.begun).toEqual(['a1']);
    await work.end('a1');
    expect(work.begun).toEqual(['a1', 'alone']);
    lanes.add('c', work.task('c1'));
    await work.end('alone');
    expect(work.begun).toEqual(['a1', 'alone', 'b1', 'c1']);
  });

  it('forgets what was not begun, of all or of one group', async () => {
    jest.useFakeTimers();
    const lanes = new Lanes(2);
    lanes.add('a', work.task('a1'), 'x');
    lanes.add('a', work.task('a2'), 'x');
    lanes.add('a', work.task('a3'), 'y');
    lanes.add('b', work.task('b1'), 'x');
    await work.end('b1', 1_000);
    lanes.add('b', work.task('b2'), 'y');
    lanes.add(undefined, work.task('c1'), 'y');
    lanes.add(undefined, work.task('d1'), 'x');
    lanes.clear('x');
    expect(work.begun).toEqual(['a1', 'b1', 'c1']);
    await work.end('c1');
    expect(work.begun).toEqual(['a1', 'b1', 'c1', 'b2']);
    await work.end('a1');
    expect(work.begun).toEqual(['a1', 'b1', 'c1', 'b2', 'a3']);
    jest.advanceTimersByTime(5_000);
    lanes.add('a', work.task('a4'));
    lanes.clear();
    await work.end('a3');
    await work.end('b2');
    expect(lanes.size).toBe(0);
    expect(work.begun).toHaveLength(5);
  });

  it('tells when nothing runs any longer', async () => {
    const lanes = new Lanes(2);
    await lanes.idle();
    lanes.add('a', work.task('a1'));
    lanes.add('b', work.task('b1'));
    let idle = false;
    void lanes.idle().then(() => (idle = true));
    await work.end('a1');
    expect(idle).toBe(false);
    await work.end('b1');
    expect(idle).toBe(true);
  });

  it('takes a changed limit into account at once', async () => {
    const lanes = new Lanes(1);
    for (const name of ['a1', 'b1', 'c1']) lanes.add(name[0]!, work.task(name));
    lanes.concurrency = 3;
    expect(work.begun).toEqual(['a1', 'b1', 'c1']);
    lanes.concurrency = 1;
    lanes.add('d', work.task('d1'));
    await work.end('a1');
    await work.end('b1');
    expect(work.begun).toHaveLength(3);
    await work.end('c1');
    expect(work.begun).toHaveLength(4);
  });
});

describe('laneOf', () => {
  it('keeps aggregates apart whatever their names, and events without aggregate from all', () => {
    const lanes = [
      { tenantId: 't', aggregateType: 'a', aggregateId: 'b","c', messageId: 'm' },
      { tenantId: 't', aggregateType: 'a","b', aggregateId: 'c', messageId: 'm' },
      { tenantId: 't","a', aggregateType: 'b', aggregateId: 'c', messageId: 'm' },
      { tenantId: 't', messageId: 'm' },
      { tenantId: 't', messageId: 'n' },
    ].map(laneOf);
    expect(new Set(lanes).size).toBe(lanes.length);
  });
});
