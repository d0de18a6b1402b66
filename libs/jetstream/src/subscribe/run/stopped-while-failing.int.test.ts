import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { RecordedEvent } from '@annals/core';
import { eventually } from '@annals/testing';
import { HandlingBench } from './handling-bench.spec-support.ts';
import { QUICK } from './handling-process.spec-support.ts';

const bench = new HandlingBench();

beforeAll(() => bench.open());
afterAll(() => bench.close());
beforeEach(() => bench.begin());
afterEach(() => bench.end());
afterEach(() => void jest.restoreAllMocks());

const MODES = ['shared', 'ordered'] as const;
/** No timer but that of a next attempt has it. */
const BACKOFF_MS = 77_777;
const numberOf = (event: RecordedEvent) => (event.data as { n: number }).n;

/** A handler that fails when it is told to. */
class Failing {
  began = 0;
  fail = (): void => undefined;

  readonly handler = (): Promise<never> => {
    this.began++;
    return new Promise((_, reject) => (this.fail = () => reject(new Error('the database is down'))));
  };
}

describe.each(MODES)('a %s subscription that is stopped', (mode) => {
  const options = () => bench.options({ mode, timing: QUICK, backoffMs: [BACKOFF_MS], concurrency: 1 });

  async function stopped(failLaterMs: number) {
    const process = await bench.process();
    const failing = new Failing();
    const active = await process.subscribe(options(), failing.handler);
    await eventually(() => active.counts.inHand > 1);
    const stopping = active.stop({ timeoutMs: 5_000 });
    if (failLaterMs > 0) await pause(failLaterMs);
    failing.fail();
    await stopping;
    return { active, failing };
  }

  it.each([0, 50])('begins nothing more when a handler fails %d ms later, and forgets nothing', async (laterMs) => {
    await bench.append(3, 'a');
    const timers = jest.spyOn(globalThis, 'setTimeout');
    const { active, failing } = await stopped(laterMs);
    expect(failing.began).toBe(1);
    expect(active.counts).toEqual({ handled: 0, retried: 1, deadLettered: 0, inHand: 0 });
    expect(timers.mock.calls.filter(([, delayMs]) => delayMs === BACKOFF_MS)).toEqual([]);
    const seen: number[] = [];
    const other = await bench.process();
    await other.subscribe(options(), (event) => void seen.push(numberOf(event)));
    if (mode === 'ordered') await eventually(() => seen.length === 3);
    // The server keeps the failed one back for as long as the backoff says.
    else await eventually(async () => seen.length === 2 && (await bench.state(other)).ackPending === 1);
    expect(seen.sort()).toEqual(mode === 'ordered' ? [1, 2, 3] : [2, 3]);
  });
});
