import type { Position } from '../event/event-message.ts';
import type { Process } from './define-process.ts';
import type { ProcessInstance, ProcessInstanceState, ProcessInstanceSummary } from './process-instance.ts';
import type { ProcessStatus } from './process-status.ts';

/** What the function of a command knows of the call. */
export interface CommandContext {
  readonly process: string;
  readonly key: string;
  readonly tenantId: string;
  readonly command: string;
  /** The same in every attempt of this command, and in no other: whoever is called can tell repetitions by it. */
  readonly idempotencyId: string;
  /** From 1. */
  readonly attempt: number;
  readonly correlationId?: string;
  /** The message id of the event that led to it. */
  readonly causationId?: string;
  /** Aborted when the attempt has taken too long, or a stop no longer waits. */
  readonly signal: AbortSignal;
}

/**
 * Carries a command out. It is done when the function returns or its promise is fulfilled; what it throws is tried again,
 * but for {@link CommandRejected}. At least once: after a crash it may be called again with the same idempotency id.
 */
export type CommandHandler = (data: never, context: CommandContext) => unknown;

/** Where a process begins: with the oldest stored event, with the next one, or behind these positions. */
export type ProcessStart = 'beginning' | 'now' | { readonly after: Position | readonly Position[] };

/** How one process of the application runs a process manager. */
export interface RunProcessOptions {
  /** A function for each command that the process declares. */
  readonly commands?: Readonly<Record<string, CommandHandler>> | undefined;
  /** Where a process begins that was never run before; one that was goes on where it stands. `'now'` unless given. */
  readonly from?: ProcessStart | undefined;
  /** A command that failed so often has failed for good; 5, from 1 to 1,000. */
  readonly maxAttempts?: number | undefined;
  /** Milliseconds before the second attempt, the third …; the last one counts for all further. 1 s, 5 s, 30 s and 2 minutes. */
  readonly backoffMs?: readonly number[] | undefined;
  /** Milliseconds that an attempt may take; 60,000, from 10 to a day. */
  readonly commandTimeoutMs?: number | undefined;
}

/** A process manager at work in this process. */
export interface RunningProcess {
  readonly name: string;
  /** True when this process handles its events, false when it stands by for another that does. */
  readonly isActive: boolean;
  status(): Promise<ProcessStatus>;
  /**
   * Takes no more events and timers, waits for the commands that run, saves how far it came, and lets another take over.
   *
   * @param options `timeoutMs` for the commands, 10,000 unless given; those that still run then get their signal aborted, and
   *   are called again by whoever takes over. Calling it twice is harmless.
   */
  stop(options?: { readonly timeoutMs?: number }): Promise<void>;
}

/** Which instances to list; absent fields match all. */
export interface ProcessInstanceSelection {
  readonly state?: ProcessInstanceState | undefined;
  readonly tenantId?: string | undefined;
}

export interface ProcessInstancePage {
  readonly instances: readonly ProcessInstanceSummary[];
  /** For the next page; absent on the last one. */
  readonly nextCursor?: string;
}

/**
 * Process managers: what goes on over several aggregates, with a state of its own, timers and compensation.
 *
 * Guarantees an implementer must keep, tested by `describeProcesses` in `@annals/testing`:
 * - an instance decides upon every event that belongs to it once, in the order of its stream, whatever crashes in between
 *   and however many replicas run the process;
 * - what a decision emits lands once, what it commands is called at least once, with an id that tells repetitions;
 * - a timer that is not cancelled fires once, not before it is due, and not before every event that was stored by then has
 *   been decided upon: a deadline that passed while nobody ran does not beat an event that came in time;
 * - an instance that cannot decide stands still and holds up no other.
 */
export interface Processes {
  /**
   * Runs a process manager in this process. Several may run the same: one is active, the others stand by.
   *
   * @returns once it is settled where the process begins: events appended behind that are handled
   * @throws ValidationError, StoreUnavailable, StoreClosed
   */
  run<State>(process: Process<State>, options?: RunProcessOptions): Promise<RunningProcess>;
  /** All processes, by name. */
  list(): Promise<readonly ProcessStatus[]>;
  /** @throws ProcessNotFound */
  get(name: string): Promise<ProcessStatus>;
  /**
   * Instances by tenant and key, those that are over as long as they are kept.
   *
   * @param page `limit` from 1 to 1,000, 100 unless given; `cursor` of the page before
   * @throws ProcessNotFound, ValidationError
   */
  instances(
    name: string,
    selection?: ProcessInstanceSelection,
    page?: { readonly limit?: number | undefined; readonly cursor?: string | undefined },
  ): Promise<ProcessInstancePage>;
  /**
   * @param options `tenantId`, `'default'` unless given
   * @throws ProcessNotFound, ProcessInstanceNotFound, ValidationError
   */
  instance(name: string, key: string, options?: { readonly tenantId?: string | undefined }): Promise<ProcessInstance>;
  /**
   * Ends an instance for an operator: its timers are cancelled, and what it wanted done and was not begun is dropped.
   * Nothing is compensated.
   *
   * @param options `reason`, at most 1,000 characters, is kept with it
   * @throws as {@link instance}, and ProcessInstanceEnded
   */
  end(
    name: string,
    key: string,
    options?: { readonly tenantId?: string | undefined; readonly reason?: string | undefined },
  ): Promise<ProcessInstance>;
}
