import type { ExpectedVersion } from '../append/expected-version.ts';
import type { AggregateRef } from '../event/aggregate-ref.ts';
import type { NewEvent } from '../event/new-event.ts';

/** A named call of one of the functions that are given when the process is run. */
export interface ProcessCommand {
  readonly name: string;
  /** Any JSON value. */
  readonly data?: unknown;
}

/** A command, and what makes it undone once it is done. */
export interface DecidedCommand extends ProcessCommand {
  readonly undo?: ProcessCommand | undefined;
}

/** Events for one aggregate. They land once, however often the append is tried. */
export interface DecidedEvents {
  /** In the instance's tenant unless it names another. */
  readonly aggregate: AggregateRef;
  /** Correlation, causation and source are filled in where they are absent. */
  readonly events: NewEvent | readonly NewEvent[];
  /** `'any'` unless given. Where the aggregate is at another version, the process gets a failure. */
  readonly expectedVersion?: ExpectedVersion | undefined;
  /** Makes the events undone once they are appended. */
  readonly undo?: ProcessCommand | undefined;
}

/** A timer; one of the same name is replaced. */
export type DecidedTimer = { readonly name: string; readonly data?: unknown } & (
  | { /** ISO 8601. */ readonly at: string; readonly afterMs?: undefined }
  | { /** Milliseconds behind the input's time (`tools.now`). */ readonly afterMs: number; readonly at?: undefined }
);

/** How an instance is over. */
export type ProcessOutcome = 'ended' | 'timed-out' | 'failed';

/** What a process wants upon an input. Everything may be left out. */
export interface ProcessDecision<State> {
  /** Any JSON value; what it was unless given. */
  readonly state?: State | undefined;
  /** Appended one after the other, before the commands. */
  readonly emit?: DecidedEvents | readonly DecidedEvents[] | undefined;
  /** Called one after the other. */
  readonly commands?: DecidedCommand | readonly DecidedCommand[] | undefined;
  readonly schedule?: DecidedTimer | readonly DecidedTimer[] | undefined;
  /** Names of timers; one that does not wait is passed over. */
  readonly cancel?: string | readonly string[] | undefined;
  /**
   * Undoes what was done: what earlier decisions wanted and was not begun is dropped, then the `undo` of everything that
   * was done runs, the latest first, then what this decision emits and commands.
   */
  readonly compensate?: boolean | undefined;
  /**
   * Ends the instance for this reason: its timers are cancelled, it gets no further input. What it wants done is still done.
   * It is over as `'ended'` upon an event, `'timed-out'` upon a timeout and `'failed'` upon a failure unless `as` says otherwise.
   */
  readonly end?: string | { readonly reason: string; readonly as?: ProcessOutcome | undefined } | undefined;
}
