import type { EventFilter } from '../read/read-options.ts';
import type { Position } from '../event/event-message.ts';

/** Which events a replay hands over again; absent fields match all. */
export interface ReplayFilter extends EventFilter {
  /** Events of one chain. Looked for by reading: the other fields narrow what is read. */
  readonly correlationId?: string | undefined;
  /** Begin after these positions, one per stream. */
  readonly after?: readonly Position[] | undefined;
}

/** Where a replay hands its events over. */
export type ReplayTarget =
  /** One subscription: its handlers get the events with `cause: 'replay'`, beside what is new to it. */
  | { readonly type: 'subscription'; readonly name: string }
  /** Every subscription that is there when an event's turn comes and whose filter matches it. */
  | { readonly type: 'all-subscriptions' }
  /** Messages on a subject of NATS, outside of the store's own: for whoever listens. */
  | { readonly type: 'subject'; readonly subject: string }
  /** A request with the event as JSON for each event, one after the other. */
  | { readonly type: 'webhook'; readonly url: string }
  /** Lines of JSON in a file of this name, in the directory that the process was given for it. */
  | { readonly type: 'file'; readonly name: string };

/** A replay to be done. */
export interface ReplayRequest {
  readonly filter?: ReplayFilter | undefined;
  readonly target: ReplayTarget;
  /** At most so many events a second; as fast as the target takes them unless given. From 0.01 to 1,000,000. */
  readonly ratePerSecond?: number | undefined;
  /** Counts what would be handed over and shows a few, hands over nothing. */
  readonly dryRun?: boolean | undefined;
  /** A name for the request: a second one with the same content returns the first job, with other content it is refused. */
  readonly idempotencyKey?: string | undefined;
}
