import type { ReadyResponse } from '@annals/contract';
import type { StoreStatus } from '@annals/core';
import { inTime } from '../http/deadline.ts';
import type { StoreConnection } from '../store/store-connection.ts';
import { FailedProjections } from './failed-projections.ts';

/** A probe waits this long at most: it is asked again soon, and asks for an answer rather than for the best one. */
const PROBE_TIMEOUT_MS = 2_000;
const MAX_NAMED = 20;

/** Whether events can be stored and read now. */
export class Readiness {
  #draining = false;
  readonly #failed: FailedProjections;

  constructor(private readonly connection: StoreConnection) {
    this.#failed = new FailedProjections(() => connection.store);
  }

  /** From now on no new work is taken, so that load balancers look elsewhere. */
  drain(): void {
    this.#draining = true;
  }

  get isDraining(): boolean {
    return this.#draining;
  }

  /** Never throws. */
  async check(): Promise<ReadyResponse> {
    if (this.#draining) return { status: 'not-ready', reason: 'the gateway is shutting down' };
    try {
      const { state, reason, serverVersion, durability, streams, subscriptions } = await inTime(
        PROBE_TIMEOUT_MS,
        this.connection.status(),
      );
      return {
        status: state === 'ready' ? 'ready' : 'not-ready',
        ...(reason !== undefined && { reason }),
        ...(serverVersion !== undefined && { serverVersion }),
        durability,
        streams: streams.map(({ name, messages, bytes, replicas }) => ({ name, messages, bytes, replicas })),
        ...stalledOf(subscriptions),
        ...failedOf(this.#failed.names),
      };
    } catch {
      return { status: 'not-ready', reason: `the store did not answer within ${PROBE_TIMEOUT_MS} ms` };
    }
  }
}

/** Events that nobody handles are a service's trouble: the gateway can store and read all the same. */
function stalledOf(subscriptions: StoreStatus['subscriptions']): Pick<ReadyResponse, 'stalledSubscriptions'> {
  const stalled = subscriptions?.stalled ?? [];
  return stalled.length === 0 ? {} : { stalledSubscriptions: stalled.slice(0, MAX_NAMED) };
}

/** As little of the gateway's own concern. */
function failedOf(failed: readonly string[]): Pick<ReadyResponse, 'failedProjections'> {
  return failed.length === 0 ? {} : { failedProjections: failed.slice(0, MAX_NAMED) };
}
