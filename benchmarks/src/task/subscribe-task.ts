import { setTimeout as delay } from 'node:timers/promises';
import { Latencies } from '../load/latencies.ts';
import { type Limit, RunningLimit } from '../load/limit.ts';
import type { Subscriber } from '../subscribe/subscriber.ts';
import { filledStore } from './repeat-task.ts';
import { type Task, type TaskResult, type TaskRun, WrongContent } from './task.ts';

const LOOK_MS = 20;

/** What one subscription was handed. */
interface Pass {
  readonly events: number;
  readonly quantity: number;
  readonly seconds: number;
  /** The most that was in hand. */
  readonly inHand: number;
  readonly unsettled: number;
}

/**
 * Hands all events over, again and again, each time to a subscription that begins at the first one; where the handler is
 * slow, to one subscription until the time is over.
 */
export async function runSubscribeTask(
  subscriber: Subscriber,
  { handlerMs }: Extract<Task, { kind: 'subscribe' }>,
  { limit, label, fill }: TaskRun,
): Promise<TaskResult> {
  const expected = filledStore(fill);
  const passes = new Latencies();
  const running = new RunningLimit(limit);
  let [events, seconds, inHandPeak] = [0, 0, 0];
  while (running.take()) {
    const name = `${label}-${passes.operations}`;
    const pass = await handOver(subscriber, name, expected.events, handlerMs, limit);
    events += pass.events;
    seconds += pass.seconds;
    inHandPeak = Math.max(inHandPeak, pass.inHand);
    passes.add(pass.seconds * 1000);
    if (handlerMs > 0) break;
    const quantity = subscriber.parses ? expected.quantity : 0;
    if (pass.events !== expected.events || pass.quantity !== quantity || pass.unsettled !== 0) {
      throw new WrongContent('A subscription', pass, { ...expected, quantity, unsettled: 0 });
    }
  }
  const operations = passes.operations;
  return { operations, events, written: 0, seconds, latencies: { pass: passes.summary() }, counts: { inHandPeak } };
}

async function handOver(
  subscriber: Subscriber,
  name: string,
  expected: number,
  handlerMs: number,
  limit: Limit,
): Promise<Pass> {
  let [events, quantity, inHand] = [0, 0, 0];
  let complete: () => void;
  const all = new Promise<void>((resolve) => (complete = resolve));
  const done = (found: number): void => {
    quantity += found;
    if (++events === expected) complete();
  };
  const onEvent = handlerMs === 0 ? done : (found: number) => delay(handlerMs).then(() => done(found));
  const startedAt = performance.now();
  const running = await subscriber.start(name, onEvent);
  const look = setInterval(() => (inHand = Math.max(inHand, running.inHand())), LOOK_MS);
  const over = new AbortController();
  try {
    const ends = [all, running.failed];
    if (handlerMs > 0) ends.push(delay(limit.seconds * 1000, undefined, { signal: over.signal }));
    await Promise.race(ends);
  } finally {
    over.abort();
    clearInterval(look);
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const handled = { events, quantity, seconds, inHand };
  // What comes while it stops shows in the counts: nothing may come twice.
  const unsettled = await running.stop();
  return handlerMs === 0 ? { ...handled, events, quantity, unsettled } : { ...handled, unsettled };
}
