import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { Lanes } from './aggregate-lanes.ts';

/** A task of a lane (or of none): how many turns of the event loop each of its runs takes. */
interface Plan {
  readonly lane: string | undefined;
  readonly runs: readonly number[];
}

const plans: fc.Arbitrary<Plan[]> = fc.array(
  fc.record({
    lane: fc.constantFrom('a', 'b', 'c', undefined),
    runs: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 3 }),
  }),
  { maxLength: 40 },
);

/** Adds tasks as planned, and notes each run's beginning and end. */
function start(lanes: Lanes, planned: readonly Plan[]) {
  const log = { begun: [] as number[], ended: [] as number[], running: new Set<number>(), mostRunning: 0, overlaps: 0 };
  planned.forEach(({ lane, runs }, task) => {
    let run = 0;
    lanes.add(lane, () => {
      log.begun.push(task);
      if (lane !== undefined) log.overlaps += [...log.running].filter((other) => planned[other]!.lane === lane).length;
      log.running.add(task);
      log.mostRunning = Math.max(log.mostRunning, log.running.size);
      const turns = runs[run++]!;
      const end = (): number | void => {
        log.running.delete(task);
        log.ended.push(task);
        // A task without a lane holds up nothing, so it is not run again.
        if (lane !== undefined && run < runs.length) return 0;
      };
      return turns === 0 ? end() : turn(turns).then(end);
    });
  });
  return log;
}

describe('lanes', () => {
  it('run every task, those of a lane in order and never two at once, no more at once than allowed', async () => {
    await fc.assert(
      fc.asyncProperty(plans, fc.integer({ min: 1, max: 5 }), async (planned, concurrency) => {
        const lanes = new Lanes(concurrency);
        const log = start(lanes, planned);
        while (lanes.size > 0) await turn();
        expect(log.mostRunning).toBeLessThanOrEqual(concurrency);
        expect(log.overlaps).toBe(0);
        for (const lane of ['a', 'b', 'c']) {
          const expected = planned.flatMap((plan, task) => (plan.lane === lane ? plan.runs.map(() => task) : []));
          const isOfLane = (task: number) => planned[task]!.lane === lane;
          expect(log.begun.filter(isOfLane)).toEqual(expected);
          expect(log.ended.filter(isOfLane)).toEqual(expected);
        }
        expect(new Set(log.ended)).toEqual(new Set(planned.keys()));
        expect([lanes.size, lanes.running]).toEqual([0, 0]);
      }),
      { numRuns: 60 },
    );
  });

  it('begin nothing more once they were cleared, and finish what runs', async () => {
    await fc.assert(
      fc.asyncProperty(
        plans,
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 0, max: 6 }),
        async (planned, limit, turns) => {
          const lanes = new Lanes(limit);
          const log = start(lanes, planned);
          await turn(turns);
          const running = [...log.running];
          const begun = log.begun.length;
          lanes.clear();
          expect(lanes.size).toBe(running.length);
          await lanes.idle();
          expect(log.running.size).toBe(0);
          // What ran may ask to run again; that is all that is left.
          expect(lanes.size).toBeLessThanOrEqual(running.length);
          lanes.clear();
          await turn(3);
          expect(log.begun).toHaveLength(begun);
          expect(lanes.size).toBe(0);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('let no lane wait for ever, however much another one has to do', async () => {
    const lanes = new Lanes(1);
    const order: string[] = [];
    const add = (lane: string) => lanes.add(lane, () => turn().then(() => void order.push(lane)));
    for (let i = 0; i < 50; i++) add('busy');
    add('late');
    add('later');
    while (lanes.size > 0) await turn();
    expect(order.slice(0, 4)).toEqual(['busy', 'late', 'later', 'busy']);
    expect(order).toHaveLength(52);
  });

  it('let a lane of others pass while one waits to run again', async () => {
    const lanes = new Lanes(1);
    const order: string[] = [];
    let runs = 0;
    lanes.add('a', () => {
      order.push('a1');
      return ++runs < 2 ? 30 : undefined;
    });
    lanes.add('a', () => void order.push('a2'));
    lanes.add('b', () => void order.push('b'));
    expect(order).toEqual(['a1', 'b']);
    while (lanes.size > 0) await turn();
    expect(order).toEqual(['a1', 'b', 'a1', 'a2']);
  });
});

async function turn(turns = 1): Promise<void> {
  for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
}
