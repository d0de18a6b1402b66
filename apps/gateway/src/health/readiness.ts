import type { ReadyResponse } from '@annals/contract';
import { inTime } from '../http/deadline.ts';
import type { StoreConnection } from '../store/store-connection.ts';

/** A probe waits this long at most: it is asked again soon, and asks for an answer rather than for the best one. */
const PROBE_TIMEOUT_MS = 2_000;

/** Whether events can be stored and read now. */
export class Readiness {
  #draining = false;

  constructor(private readonly connection: StoreConnection) {}

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
      const { state, reason, serverVersion, durability, streams } = await inTime(
        PROBE_TIMEOUT_MS,
        this.connection.status(),
      );
      return {
        status: state === 'ready' ? 'ready' : 'not-ready',
        ...(reason !== undefined && { reason }),
        ...(serverVersion !== undefined && { serverVersion }),
        durability,
        streams: streams.map(({ name, messages, bytes, replicas }) => ({ name, messages, bytes, replicas })),
      };
    } catch {
      return { status: 'not-ready', reason: `the store did not answer within ${PROBE_TIMEOUT_MS} ms` };
    }
  }
}
