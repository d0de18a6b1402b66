import type { ProjectionStatus, SubscriptionStatus } from '@annals/core';
import { Gauge, type Registry } from 'prom-client';
import type { OperationsSnapshot, OperationsWatch } from './operations-watch.ts';

/** Subscriptions, and projections, with a label of their own; what is known of the others is summed up. */
const MAX_LABELS = 200;
/** No subscription can have these names. */
const OTHERS = '(others)';
const DELETED = '(deleted)';

/** Adds what operators watch to the gateway's metrics. */
export function addOperationsMetrics(registry: Registry, watch: OperationsWatch): void {
  const bySubscription = (name: string, help: string, valueOf: (status: SubscriptionStatus) => number): void => {
    gauge(name, help, 'subscription', ({ subscriptions = [] }) => sumUp(subscriptions, valueOf));
  };
  const byProjection = (name: string, help: string, valueOf: (status: ProjectionStatus) => number): void => {
    gauge(name, help, 'projection', ({ projections = [] }) => sumUp(projections, valueOf));
  };
  const gauge = (
    name: string,
    help: string,
    label: string,
    read: (snapshot: OperationsSnapshot) => ReadonlyMap<string, number>,
  ): void => {
    new Gauge({
      name,
      help,
      labelNames: [label],
      registers: [registry],
      async collect() {
        const snapshot = await watch.snapshot();
        this.reset();
        for (const [value, number] of read(snapshot)) this.set({ [label]: value }, number);
      },
    });
  };
  bySubscription('annals_subscription_pending', 'Events that are not delivered yet.', ({ pending }) => pending);
  bySubscription(
    'annals_subscription_ack_pending',
    'Events that are delivered and not settled.',
    ({ ackPending }) => ackPending,
  );
  bySubscription('annals_subscription_stalled', '1 when events wait while none is settled, else 0.', ({ state }) =>
    state === 'stalled' ? 1 : 0,
  );
  gauge('annals_dead_letters', 'Events that subscriptions gave up on.', 'subscription', (snapshot) => {
    const { subscriptions, deadLetters: all } = snapshot;
    if (subscriptions === undefined || all === undefined) return new Map();
    const letters = new Map(sumUp(subscriptions, ({ deadLetters }) => deadLetters));
    const known = subscriptions.reduce((sum, { deadLetters }) => sum + deadLetters, 0);
    // Letters outlive their subscription, and somebody has to purge them.
    letters.set(DELETED, Math.max(0, all - known));
    return letters;
  });
  byProjection(
    'annals_projection_lag_events',
    'Events that are not in the read model yet.',
    ({ lagEvents }) => lagEvents,
  );
  byProjection('annals_projection_failed', '1 when an event cannot be handled, else 0.', ({ state }) =>
    state === 'failed' ? 1 : 0,
  );
  gauge('annals_replays', 'Replays that are remembered, by state.', 'state', ({ replays = {} }) => {
    return new Map(Object.entries(replays));
  });
}

/** By name; of more than can have a label those with the smallest names have one, so that they keep it. */
function sumUp<Status extends { readonly name: string }>(
  statuses: readonly Status[],
  valueOf: (status: Status) => number,
): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  const sorted = [...statuses].sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const [i, status] of sorted.entries()) {
    const label = i < MAX_LABELS ? status.name : OTHERS;
    sums.set(label, (sums.get(label) ?? 0) + valueOf(status));
  }
  return sums;
}
