import type { EventFilter, EventStore, FollowOptions } from '@annals/core';

/** Somebody who follows a tenant's numbered events. */
export interface NumberFollower {
  readonly numbers: number[];
  /** `performance.now()` of each number's arrival. */
  readonly arrivedAtMs: number[];
  readonly caughtUp: Promise<void>;
  readonly ended: Promise<void>;
  leave(): Promise<void>;
}

/** Appends events with the numbers from and to, one after the other. */
export async function appendNumbered(store: EventStore, tenantId: string, from: number, to: number): Promise<void> {
  for (let n = from; n <= to; n++) {
    // Given ids make the repetition safe that a test with killed servers needs.
    const event = { type: 'number.added', data: { n }, messageId: `${tenantId}-${n}` };
    await untilAppended(() => store.append({ tenantId, type: 'number', id: 'n' }, event));
  }
}

/** Follows a tenant from now on. */
export function followNumbers(
  store: EventStore,
  tenantId: string,
  options: FollowOptions = {},
  filter: EventFilter = {},
): NumberFollower {
  const controller = new AbortController();
  let onCaughtUp!: () => void;
  const caughtUp = new Promise<void>((resolve) => (onCaughtUp = resolve));
  const numbers: number[] = [];
  const arrivedAtMs: number[] = [];
  const events = store.follow({ ...filter, tenantId }, { ...options, onCaughtUp, signal: controller.signal });
  const ended = (async () => {
    for await (const { data } of events) {
      numbers.push((data as { n: number }).n);
      arrivedAtMs.push(performance.now());
    }
  })();
  ended.catch(() => {});
  const leave = async (): Promise<void> => {
    controller.abort();
    await ended.catch(() => {});
  };
  return { numbers, arrivedAtMs, caughtUp, ended, leave };
}

async function untilAppended(append: () => Promise<unknown>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await append();
      return;
    } catch (error) {
      if (tries === 20) throw error;
    }
  }
}
