import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type RecordedEvent, isAnnalsError } from '@annals/core';
import { eventually } from '@annals/testing';
import { HandlingBench } from './handling-bench.spec-support.ts';
import { type HandlingProcess, QUICK } from './handling-process.spec-support.ts';

const bench = new HandlingBench();

beforeAll(() => bench.open());
afterAll(() => bench.close());
beforeEach(() => bench.begin());
afterEach(() => bench.end());

const numberOf = (event: RecordedEvent) => (event.data as { n: number }).n;
const range = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

/** What a handler saw; an event of an aggregate never before an older one. */
class Watch {
  readonly numbers = new Set<number>();
  readonly running = new Set<number>();
  again = 0;
  overtook = 0;
  highest = 0;
  atOnce = 0;

  readonly handler = async (event: RecordedEvent): Promise<void> => {
    const n = numberOf(event);
    if (this.running.has(n)) this.atOnce++;
    this.running.add(n);
    if (n > this.highest + 1) this.overtook++;
    this.highest = Math.max(this.highest, n);
    await pause(1);
    this.running.delete(n);
    if (this.numbers.has(n)) this.again++;
    this.numbers.add(n);
  };
}

describe.each(['shared', 'ordered'] as const)('a %s subscription goes on', (mode) => {
  const options = (more: object = {}) => bench.options({ mode, concurrency: 4, timing: QUICK, ...more });

  async function begin(process: HandlingProcess) {
    const watch = new Watch();
    const active = await process.subscribe(options(), watch.handler);
    await bench.append(150);
    await eventually(() => watch.numbers.size > 30);
    return { watch, active };
  }

  function expectAll({ watch }: Awaited<ReturnType<typeof begin>>, count: number): void {
    expect([...watch.numbers].sort((a, b) => a - b)).toEqual(range(count));
    expect(watch.atOnce).toBe(0);
    if (mode === 'ordered') expect(watch.overtook).toBe(0);
  }

  it('at its checkpoint when its consumer was deleted from outside', async () => {
    const process = await bench.process();
    const running = await begin(process);
    await eventually(() => running.watch.numbers.size === 150);
    // Saved by the time the consumer goes.
    await pause(3 * QUICK.checkpointMs);
    const before = running.watch.again;
    const { binding, name } = process.consumer(bench.subscription);
    await process.machinery.api.remove(binding.name, name);
    await bench.append(50, 'o1', 150);
    await eventually(() => running.watch.numbers.size === 200);
    expectAll(running, 200);
    expect(running.watch.again).toBe(before);
    await eventually(() => running.active.state === 'active');
    await eventually(async () => (await bench.state(process)).ackPending === 0);
  });

  it('when nats-server was killed and started again', async () => {
    const process = await bench.process();
    const running = await begin(process);
    await bench.server.kill();
    await eventually(() => running.active.state === 'reconnecting');
    await bench.server.restart();
    await bench.append(50, 'o1', 150);
    await eventually(() => running.watch.numbers.size === 200, { deadlineMs: 15_000 });
    expectAll(running, 200);
    // The server forgets what was settled in its last moments.
    expect(running.watch.again).toBeLessThan(151);
    await eventually(() => running.active.state === 'active' && running.active.counts.inHand === 0);
  });

  it('when its connection was lost', async () => {
    const process = await bench.process();
    const running = await begin(process);
    await process.nc.reconnect();
    await bench.append(50, 'o1', 150);
    await eventually(() => running.watch.numbers.size === 200);
    expectAll(running, 200);
  });

  it('when it was paused and resumed, and set back', async () => {
    const process = await bench.process();
    const running = await begin(process);
    await eventually(() => running.watch.numbers.size === 150);
    const { binding, name } = process.consumer(bench.subscription);
    await process.machinery.api.pause(binding.name, name);
    await bench.append(10, 'o1', 150);
    await pause(50);
    expect(running.watch.numbers.size).toBe(150);
    await process.machinery.api.resume(binding.name, name);
    await eventually(() => running.watch.numbers.size === 160);
    expect(running.watch.again).toBe(0);
    const [first] = await bench.events();
    const rewinding = { EVENTS: first!.position.sequence };
    await process.machinery.keeper.change(bench.subscription, (record) => ({ ...record, rewinding }));
    await eventually(() => running.watch.again === 160);
    expectAll(running, 160);
    await eventually(async () => (await bench.state(process)).ackPending === 0);
  });

  it('to be stopped while nats-server is away, within a moment', async () => {
    const process = await bench.process();
    const running = await begin(process);
    await bench.server.kill();
    const startedMs = performance.now();
    await running.active.stop();
    const tookMs = performance.now() - startedMs;
    await bench.server.restart();
    expect(tookMs).toBeLessThan(8_000);
    expect(running.active.state).toBe('stopped');
    const watch = new Watch();
    const other = await bench.process();
    await other.subscribe(options(), watch.handler);
    await eventually(() => new Set([...running.watch.numbers, ...watch.numbers]).size === 150);
  });

  it('not when it is deleted through the port: it ends with an error', async () => {
    const process = await bench.process();
    const running = await begin(process);
    await process.remove(bench.subscription);
    const error: unknown = await running.active.finished.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(isAnnalsError(error) && error.code).toBe('subscription-not-found');
    expect(running.active.state).toBe('stopped');
  });
});
