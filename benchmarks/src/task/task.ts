import type { LatencySummary } from '../load/latencies.ts';
import type { Limit } from '../load/limit.ts';
import type { SubscriberName } from '../subscribe/open-subscriber.ts';
import type { MigrationForm } from '../upcast/sample-registry.ts';

/** What a client does while it is measured; plain data, it crosses to another process. */
export type Task =
  /** Appends to new aggregates, each writer to its own. */
  | {
      readonly kind: 'append';
      readonly inFlight: number;
      readonly eventsPerAppend: number;
      readonly appendsPerAggregate: number;
    }
  /** All writers append to one aggregate, each by the version that it believes in. */
  | { readonly kind: 'contend'; readonly writers: number }
  /** Reads aggregates whole. */
  | { readonly kind: 'read'; readonly inFlight: number }
  /**
   * Reads a filled aggregate and appends to one of its own, one after the other; filled ones stay as they are, and at
   * most `operations` are done, so that a small store stays small.
   */
  | { readonly kind: 'entity'; readonly operations: number }
  /** Reads the large aggregate whole, again and again. */
  | { readonly kind: 'fold' }
  /** Reads everything in order, again and again. */
  | { readonly kind: 'scan' }
  /** Is handed everything by a subscription, again and again; with a slow handler by one until the time is over. */
  | {
      readonly kind: 'subscribe';
      readonly by: SubscriberName;
      /** What the handler waits with each event; 0: it does nothing. */
      readonly handlerMs: number;
    }
  /** Loads filled aggregates, or the large one; from a snapshot that is as old as its policy lets it become. */
  | { readonly kind: 'load'; readonly aggregate: 'filled' | 'large'; readonly snapshots: boolean }
  /** Brings events to the current schema version, in memory. */
  | { readonly kind: 'upcast'; readonly form: MigrationForm; readonly steps: number }
  /** Posts single events to the gateway. */
  | { readonly kind: 'post'; readonly connections: number; readonly appendsPerAggregate: number }
  /** Asks the gateway for histories at a constant rate. */
  | { readonly kind: 'history'; readonly perSecond: number }
  /** Listens to live events of the gateway, in groups of clients with a filter each, while events are posted. */
  | { readonly kind: 'live'; readonly clients: number; readonly groups: number; readonly perSecond: number };

/** What the store holds before anything is measured. */
export interface Fill {
  /** Aggregates `a-0`, `a-1`, … */
  readonly aggregates: number;
  readonly eventsPerAggregate: number;
  /** Events of the aggregate `large`, spread among the others. */
  readonly large: number;
}

/** How one run of a task is bounded and told apart from others. */
export interface TaskRun {
  readonly limit: Limit;
  /** Part of the names of new aggregates: unique for each run of a task on one store. */
  readonly label: string;
  readonly fill: Fill;
}

/** What a task did. */
export interface TaskResult {
  /** Appends, reads, folds, scans or requests. */
  readonly operations: number;
  /** Events appended or read. */
  readonly events: number;
  /** Events appended. */
  readonly written: number;
  readonly seconds: number;
  /** By what was timed: `append`, `read` … */
  readonly latencies: Readonly<Record<string, LatencySummary>>;
  /** Further counts, for example of conflicts. */
  readonly counts: Readonly<Record<string, number>>;
}

/** A reader did not find what was written: the figures would be worth nothing. */
export class WrongContent extends Error {
  constructor(what: string, found: unknown, expected: unknown) {
    super(`${what}: found ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}.`);
  }
}
