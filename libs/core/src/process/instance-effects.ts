import type { Logger } from '../logging/logger.ts';
import { paused } from '../projection/paused.ts';
import { backoffAfter } from '../subscribe/subscription-options.ts';
import type { Clock } from '../time/clock.ts';
import { type CarryingOut, carryOut } from './carry-out.ts';
import { tokenOf } from './correlated.ts';
import { afterAttempt, afterEffect, afterFailure, processError } from './instance-changes.ts';
import type { InstanceRef, KeptInstance } from './kept-instance.ts';

export interface InstanceEffectsParts {
  readonly carrying: CarryingOut;
  readonly find: (ref: InstanceRef) => Promise<KeptInstance | undefined>;
  readonly change: (
    ref: InstanceRef,
    change: (before: KeptInstance | undefined) => KeptInstance | undefined,
  ) => Promise<KeptInstance | undefined>;
  /** Called when what became of an effect could not be kept: it will be tried again. */
  readonly onFailure: (error: unknown) => void;
  /** Aborted when no further effect is to be begun. */
  readonly ending: AbortSignal;
  readonly clock: Clock;
  readonly logger: Logger;
}

const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 10_000;

/** Does what instances decided: of each one thing after the other, of several side by side. */
export class InstanceEffects {
  private readonly working = new Map<string, { again: boolean; readonly done: Promise<void> }>();

  constructor(private readonly parts: InstanceEffectsParts) {}

  /** Begins with the instance's effects, if it has any and nobody is at them. */
  begin(instance: KeptInstance): void {
    const [effect] = instance.outbox;
    if (!effect || effect.stuck || this.parts.ending.aborted) return;
    const token = tokenOf(instance);
    const known = this.working.get(token);
    if (known) {
      known.again = true;
      return;
    }
    const { tenantId, key } = instance;
    const done = Promise.resolve()
      .then(() => this.work({ tenantId, key }, token))
      .catch((error: unknown) => {
        this.working.delete(token);
        this.parts.onFailure(error);
      });
    this.working.set(token, { again: false, done });
  }

  async idle(): Promise<void> {
    while (this.working.size > 0) await Promise.all([...this.working.values()].map(({ done }) => done));
  }

  private async work(ref: InstanceRef, token: string): Promise<void> {
    const { ending, find } = this.parts;
    let waits = 0;
    for (;;) {
      const working = this.working.get(token)!;
      working.again = false;
      const instance = ending.aborted ? undefined : await find(ref);
      const effect = instance?.outbox[0];
      if (!effect || effect.stuck) {
        if (working.again && !ending.aborted) continue;
        this.working.delete(token);
        return;
      }
      const waitMs = await this.attempt(ref, instance, effect, waits);
      waits = waitMs === undefined ? 0 : waits + 1;
      if (waitMs !== undefined) await paused(waitMs, ending);
    }
  }

  /** @returns milliseconds to wait before the next attempt; undefined when there is no need */
  private async attempt(
    ref: InstanceRef,
    instance: KeptInstance,
    effect: KeptInstance['outbox'][number],
    waits: number,
  ): Promise<number | undefined> {
    const { carrying, change, clock, logger } = this.parts;
    const { process, run } = carrying;
    const outcome = await carryOut(carrying, instance, effect);
    if (outcome.type === 'abandoned') return undefined;
    if (outcome.type === 'done') {
      await change(ref, (before) => before && afterEffect(before, effect));
      return undefined;
    }
    const { type, error } = outcome;
    if (type === 'wait') return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** waits);
    const about = { ...ref, effect: effect.kind, id: effect.id, error };
    const described = processError(error, clock.now());
    if (type === 'again') {
      logger.warn(`an effect of process ${process.name} failed, another attempt follows`, about);
      await change(ref, (before) => before && afterAttempt(before, effect, described));
      return backoffAfter(effect.attempts + 1, run.backoffMs);
    }
    logger.error(`an effect of process ${process.name} failed for good`, about);
    await change(ref, (before) => before && afterFailure(process, before, effect, described, clock.now()));
    return undefined;
  }
}
