import { setTimeout as delay } from 'node:timers/promises';
import type { Limit } from './limit.ts';

/** How fast operations arrive, and how long one may take. */
export interface ConstantRate {
  readonly perSecond: number;
  /** Operations that may be under way; a service that falls behind further than this has failed the load. */
  readonly maxInFlight: number;
}

/** The service answered more slowly than requests arrived. */
export class FellBehind extends Error {
  constructor({ perSecond, maxInFlight }: ConstantRate) {
    super(
      `${maxInFlight} requests were waiting at ${perSecond} a second: the service does not keep up with this rate.`,
    );
  }
}

/**
 * Begins operations at even distances whether earlier ones are done or not, as independent clients would.
 *
 * @param operation is told when it was due (of `performance.now()`), so that waiting for its turn counts as latency
 * @returns seconds from the first beginning to the last end
 */
export async function atConstantRate(
  rate: ConstantRate,
  limit: Limit,
  operation: (dueAtMs: number) => Promise<void>,
): Promise<number> {
  const startedAtMs = performance.now();
  const total = Math.min(limit.operations, Math.floor(limit.seconds * rate.perSecond));
  const inFlight = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  for (let begun = 0; begun < total && failure === undefined;) {
    const due = Math.min(total, Math.floor(((performance.now() - startedAtMs) * rate.perSecond) / 1000) + 1);
    for (; begun < due; begun++) {
      if (inFlight.size >= rate.maxInFlight) throw new FellBehind(rate);
      const one = operation(startedAtMs + (begun * 1000) / rate.perSecond)
        .catch((error: unknown) => void (failure ??= { error }))
        .finally(() => inFlight.delete(one));
      inFlight.add(one);
    }
    await delay(1);
  }
  await Promise.all(inFlight);
  if (failure !== undefined) throw failure.error;
  return (performance.now() - startedAtMs) / 1000;
}
