import { describe, expect, it } from '@jest/globals';
import type { RecordedEvent } from '../event/event-message.ts';
import { type ProcessDefinition, defineProcess } from './define-process.ts';
import { MAX_INSTANCE_BYTES, afterEffect, afterEvent, afterFailure, afterTimers, goingOn } from './instance-changes.ts';
import type { KeptInstance } from './kept-instance.ts';
import type { Process } from './define-process.ts';

const REF = { tenantId: 'acme', key: 'k' };
const NOW_MS = Date.parse('2026-01-02T00:00:00Z');

const event = (sequence: number, type = 'a.begun', stream = 'EVENTS'): RecordedEvent => ({
  type,
  data: sequence,
  messageId: `m${stream}${sequence}`,
  tenantId: 'acme',
  timestamp: '2026-01-01T00:00:00Z',
  recordedAt: '2026-01-01T00:00:00.123456789Z',
  schemaVersion: 1,
  position: { stream, sequence },
});

function counting(more: Partial<ProcessDefinition<number>> = {}): Process {
  return defineProcess<number>({
    name: 'counting',
    startsOn: ['a.begun'],
    correlate: () => 'k',
    initialState: 0,
    commands: ['do', 'undo'],
    handle: (state) => ({ state: state + 1 }),
    ...more,
  }) as unknown as Process;
}

const after = (process: Process, before: KeptInstance | undefined, ...events: RecordedEvent[]) =>
  afterEvent(process, REF, before, events, NOW_MS);

describe('an instance', () => {
  it('decides once upon an event and those before it, stream by stream', () => {
    const process = counting();
    const first = after(process, undefined, event(5))!;
    expect(after(process, first, event(5))).toBeUndefined();
    expect(after(process, first, event(4))).toBeUndefined();
    const second = after(process, first, event(2, 'b', 'OTHER'))!;
    expect(second).toMatchObject({
      data: 2,
      handled: [
        { stream: 'EVENTS', sequence: 5 },
        { stream: 'OTHER', sequence: 2 },
      ],
    });
  });

  it('is started by nothing but its events, and by none that the process passes over', () => {
    expect(after(counting(), undefined, event(1, 'b'))).toBeUndefined();
    expect(after(counting({ handle: () => undefined }), undefined, event(1))).toBeUndefined();
  });

  it('decides upon all that a migration made of an event at once, from the part on that starts it', () => {
    const seen: unknown[] = [];
    const process = counting({
      handle: (state, input) => (seen.push(input.type === 'event' && input.event.type), { state: state + 1 }),
    });
    const instance = after(process, undefined, event(1, 'b'), event(1), event(1, 'c'))!;
    expect([instance.data, seen]).toEqual([2, ['a.begun', 'c']]);
  });

  it('stands still where it cannot decide, remembers the first event of each stream, and goes on from there', () => {
    let isBroken = true;
    const process = counting({
      handle: (state) => {
        if (isBroken && state === 1) throw new TypeError('broken');
        return { state: state + 1 };
      },
    });
    const first = after(process, undefined, event(1))!;
    const held = after(process, first, event(2))!;
    expect(held).toMatchObject({ state: 'failed', data: 1, error: { name: 'TypeError', message: 'broken' } });
    expect(after(process, held, event(3))).toBeUndefined();
    const both = after(process, held, event(7, 'b', 'OTHER'))!;
    expect(both.held).toEqual([
      { stream: 'EVENTS', sequence: 2 },
      { stream: 'OTHER', sequence: 7 },
    ]);
    isBroken = false;
    const resumed = afterEvent(process, REF, both, [event(2)], NOW_MS, true)!;
    // What waits in other streams is not forgotten before it is handled.
    expect(resumed.held).toBeDefined();
    expect(goingOn(resumed)).toMatchObject({ state: 'started', data: 2 });
    expect(goingOn(resumed)?.held).toBeUndefined();
  });

  it('refuses the state of a newer release, and upgrades that of an older one', () => {
    const old = after(counting(), undefined, event(1))!;
    const next = counting({ version: 2, upgrade: (state, from) => (state as number) + from * 100 });
    expect(after(next, old, event(2))).toMatchObject({ data: 102, version: 2 });
    const newer = after(next, old, event(2))!;
    expect(after(counting(), newer, event(3))).toMatchObject({ state: 'failed', data: 102, version: 2 });
  });

  it('does not grow beyond its bounds', () => {
    const large = counting({ handle: () => ({ state: 'x'.repeat(MAX_INSTANCE_BYTES) as never }) });
    expect(after(large, undefined, event(1))).toMatchObject({ state: 'failed', data: 0 });
    const timers = Array.from({ length: 60 }, (_, i) => ({ name: `${i}`, afterMs: 1 }));
    const busy = counting({
      handle: (state) => ({
        state: state + 1,
        schedule: timers.map((timer) => ({ ...timer, name: `${state}-${timer.name}` })),
      }),
    });
    const full = after(busy, after(busy, undefined, event(1)), event(2))!;
    expect([full.state, full.timers.length]).toEqual(['failed', 60]);
    let many = after(counting(), undefined, event(1))!;
    for (let sequence = 2; sequence <= 150; sequence++) many = after(counting(), many, event(sequence))!;
    expect([many.steps, many.history.length, many.history[0]!.step]).toEqual([150, 100, 51]);
  });

  it('fires the timer that was due first, from its own time on, and none while it stands still', () => {
    const process = counting({
      handle: (state, input) =>
        input.type === 'timeout'
          ? { state: state + 10, schedule: { name: 'next', afterMs: 1_000 } }
          : {
              schedule: [
                { name: 'late', at: '2026-01-01T12:00:00Z' },
                { name: 'soon', afterMs: 5 },
              ],
            },
    });
    const first = after(process, undefined, event(1))!;
    expect(first.timers.map(({ at }) => at)).toEqual(['2026-01-01T12:00:00.000Z', '2026-01-01T00:00:00.128Z']);
    const fired = afterTimers(process, first, NOW_MS)!;
    expect(fired.timers.map(({ name, at }) => [name, at])).toEqual([
      ['late', '2026-01-01T12:00:00.000Z'],
      ['next', '2026-01-01T00:00:01.128Z'],
    ]);
    expect(afterTimers(process, first, Date.parse('2026-01-01T00:00:00.127Z'))).toBeUndefined();
    expect(afterTimers(process, { ...first, held: [] }, NOW_MS)).toBeUndefined();
    const broken = counting({ handle: () => Promise.resolve() as never });
    expect(afterTimers(broken, first, NOW_MS)).toMatchObject({ state: 'failed', timers: first.timers, held: [] });
  });

  it('takes an effect for done once, and gives ids that never come again', () => {
    const process = counting({ handle: () => ({ commands: { name: 'do', undo: { name: 'undo' } } }) });
    const wanting = after(process, after(process, undefined, event(1)), event(2))!;
    const [effect] = wanting.outbox;
    expect(new Set(wanting.outbox.map(({ id }) => id)).size).toBe(2);
    const done = afterEffect(wanting, effect!)!;
    expect([done.outbox.length, done.undo.length]).toEqual([1, 1]);
    expect(afterEffect(done, effect!)).toBeUndefined();
    const again = after(process, undefined, event(9))!;
    expect(again.outbox[0]!.id).not.toBe(effect!.id);
  });

  it('stands still where it cannot decide upon a failure, with the effect in place', () => {
    const process = counting({
      handle: (_, input) => {
        if (input.type === 'failure') throw new Error('no idea');
        return { commands: { name: 'do' } };
      },
    });
    const wanting = after(process, undefined, event(1))!;
    const error = { name: 'Error', message: 'no server', at: '2026-01-01T00:00:00Z' };
    const stuck = afterFailure(process, wanting, wanting.outbox[0]!, error, NOW_MS)!;
    expect(stuck).toMatchObject({
      state: 'failed',
      held: [],
      outbox: [{ stuck: true }],
      error: { message: 'no idea' },
    });
    const resumed = goingOn(stuck)!;
    expect(resumed.outbox[0]!.stuck).toBeUndefined();
    const decided = afterFailure(counting({ handle: () => undefined }), resumed, resumed.outbox[0]!, error, NOW_MS)!;
    expect(decided).toMatchObject({ state: 'failed', reason: 'command do failed: no server' });
    expect(decided.endedAt).toBeDefined();
    expect(decided.outbox.map(({ kind }) => kind)).toEqual(['compensate']);
  });
});
