import type { AppendPart } from '../append/append.ts';
import type { Position } from '../event/event-message.ts';
import type { ProcessError } from './process-input.ts';
import type {
  ProcessInstance,
  ProcessInstanceState,
  ProcessInstanceSummary,
  ProcessedEvent,
  ProcessStep,
} from './process-instance.ts';
import type { ProcessCommand } from './process-decision.ts';

/** Which instance: a correlation key of a tenant. */
export interface InstanceRef {
  readonly tenantId: string;
  readonly key: string;
}

/** An instance as it is stored, a JSON value. Everything that a decision changes is in it, so that it changes at once. */
export interface KeptInstance extends InstanceRef {
  readonly process: string;
  readonly version: number;
  /** Tells the instance from all others, also those of the same key before and after it. */
  readonly id: string;
  readonly state: ProcessInstanceState;
  readonly data: unknown;
  readonly since: string;
  readonly changedAt: string;
  readonly endedAt?: string;
  readonly reason?: string;
  readonly keepMs: number;
  /** The chain of events that the instance belongs to. */
  readonly correlationId?: string;
  /** The last event of each stream that was decided upon: it and those before it are not decided upon again. */
  readonly handled: readonly Position[];
  readonly lastEvent?: ProcessedEvent;
  /** There while it stands still: the first event of each stream that waits. */
  readonly held?: readonly Position[];
  readonly error?: ProcessError;
  readonly steps: number;
  /** What is decided and not done, in the order in which it is done. */
  readonly outbox: readonly KeptEffect[];
  readonly timers: readonly KeptTimer[];
  /** What undoes that which was done, in the order in which it was done. */
  readonly undo: readonly KeptUndo[];
  readonly history: readonly ProcessStep[];
}

interface Kept {
  /** The same whenever it is tried: appends and commands are recognised by it. */
  readonly id: string;
  readonly causationId?: string;
}

export interface KeptTimer extends Kept {
  readonly name: string;
  /** ISO 8601 to the millisecond. */
  readonly at: string;
  readonly data?: unknown;
}

export type KeptUndo = Kept & ProcessCommand;

export type KeptEffect = Kept & {
  /** Tries that failed. */
  readonly attempts: number;
  /** The process could not decide upon its failure. */
  readonly stuck?: true;
} & (
    | { readonly kind: 'emit'; readonly part: AppendPart; readonly undo?: ProcessCommand }
    | { readonly kind: 'command'; readonly command: ProcessCommand; readonly undo?: ProcessCommand }
    | { readonly kind: 'undo'; readonly command: ProcessCommand }
    /** Turns into what undoes all that was done before. */
    | { readonly kind: 'compensate' }
  );

/** True when nothing will come of the instance any more. */
export function isSettled({ endedAt, outbox }: KeptInstance): boolean {
  return endedAt !== undefined && outbox.length === 0;
}

/** The timer that is due first. */
export function nextTimer({ timers }: KeptInstance): KeptTimer | undefined {
  return timers.reduce<KeptTimer | undefined>(
    (first, timer) => (!first || timer.at < first.at ? timer : first),
    undefined,
  );
}

/** What lists show of an instance. */
export function summaryOf(kept: KeptInstance): ProcessInstanceSummary {
  const { process, tenantId, key, state, since, changedAt, endedAt, reason, lastEvent, error, outbox } = kept;
  const timer = nextTimer(kept);
  return {
    process,
    tenantId,
    key,
    state,
    since,
    changedAt,
    ...(endedAt !== undefined && { endedAt }),
    ...(reason !== undefined && { reason }),
    ...(lastEvent && { lastEvent }),
    ...(timer && { nextTimer: { name: timer.name, at: timer.at } }),
    pendingEffects: outbox.length,
    ...(error && { error }),
  };
}

/** All that is shown of an instance. */
export function instanceOf(kept: KeptInstance): ProcessInstance {
  const { data, version, timers, steps, history } = kept;
  const shown = timers.map((timer) => ({
    name: timer.name,
    at: timer.at,
    ...(timer.data !== undefined && { data: timer.data }),
  }));
  return { ...summaryOf(kept), data, version, timers: shown, steps, history };
}
