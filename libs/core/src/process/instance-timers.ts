import type { Clock } from '../time/clock.ts';
import { tokenOf } from './correlated.ts';
import { type InstanceRef, type KeptInstance, nextTimer } from './kept-instance.ts';
import { TimerQueue } from './timer-queue.ts';

export interface InstanceTimersParts {
  readonly clock: Clock;
  /** Aborted when no timer is to fire any more; {@link InstanceTimers.wake} is called then. */
  readonly ending: AbortSignal;
  /** Waits until every event that is stored now has been handed to its instance. */
  readonly untilDecidedUpon: () => Promise<void>;
  /** Fires the instance's timers that were due at that time. */
  readonly fire: (ref: InstanceRef, nowMs: number) => void;
}

/** A clock that is set, or a test's, is noticed within this. */
const LOOK_MS = 1_000;

/** Knows when the next timer of each instance is due, and has it fired then. */
export class InstanceTimers {
  private readonly queue = new TimerQueue<InstanceRef>();
  /** When an instance is in the queue for. */
  private readonly queued = new Map<string, number>();
  private endPause = (): void => {};

  constructor(private readonly parts: InstanceTimersParts) {}

  get nextMs(): number | undefined {
    return this.queue.nextMs;
  }

  /** Remembers the instance's next timer, where it has one and does not stand still. */
  remember(instance: KeptInstance): void {
    const { tenantId, key } = instance;
    const timer = instance.held ? undefined : nextTimer(instance);
    if (!timer) return;
    const token = tokenOf(instance);
    const atMs = Date.parse(timer.at);
    const known = this.queued.get(token);
    if (known !== undefined && known <= atMs) return;
    this.queued.set(token, atMs);
    this.queue.add(atMs, { tenantId, key });
    this.wake();
  }

  /** Looks at once. */
  wake(): void {
    this.endPause();
  }

  /** Runs until it is ended. */
  async run(): Promise<void> {
    const { clock, ending, untilDecidedUpon, fire } = this.parts;
    while (!ending.aborted) {
      const nowMs = clock.now();
      const waitMs = Math.min(LOOK_MS, (this.queue.nextMs ?? Infinity) - nowMs);
      if (waitMs > 0) {
        await this.pause(waitMs);
        continue;
      }
      // An event that is stored by now came in time.
      await untilDecidedUpon();
      if (ending.aborted) return;
      for (const ref of this.queue.due(nowMs)) {
        this.queued.delete(tokenOf(ref));
        fire(ref, nowMs);
      }
    }
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(end, ms);
      this.endPause = end;
    });
  }
}
