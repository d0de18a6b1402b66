import type { Position } from '../event/event-message.ts';
import type { ProcessError } from './process-input.ts';

/**
 * Where an instance stands. `'failed'` without `endedAt`: it could not decide and stands still, until a release of the process
 * that can is started or an operator ends it.
 */
export type ProcessInstanceState = 'started' | 'ended' | 'timed-out' | 'failed';

export const PROCESS_INSTANCE_STATES = ['started', 'ended', 'timed-out', 'failed'] as const;

/** One run of a process: all that belongs to one correlation key of a tenant. */
export interface ProcessInstanceSummary {
  readonly process: string;
  readonly tenantId: string;
  readonly key: string;
  readonly state: ProcessInstanceState;
  /** When it started: ISO 8601. */
  readonly since: string;
  readonly changedAt: string;
  readonly endedAt?: string;
  /** Why it is over. */
  readonly reason?: string;
  readonly lastEvent?: ProcessedEvent;
  /** The timer that is due first. */
  readonly nextTimer?: { readonly name: string; readonly at: string };
  /** Appends and commands that are decided and not done. */
  readonly pendingEffects: number;
  /** What went wrong last, as long as it matters. */
  readonly error?: ProcessError;
}

/** An event that an instance has handled. */
export interface ProcessedEvent {
  readonly messageId: string;
  readonly type: string;
  readonly position: Position;
}

/** An instance with all that is kept of it. */
export interface ProcessInstance extends ProcessInstanceSummary {
  /** The process's own state. */
  readonly data: unknown;
  /** Version of the process that the state is of. */
  readonly version: number;
  readonly timers: readonly { readonly name: string; readonly at: string; readonly data?: unknown }[];
  /** Decisions since the start, of which `history` holds the latest 100. */
  readonly steps: number;
  readonly history: readonly ProcessStep[];
}

/** One decision, and what it wanted. */
export interface ProcessStep {
  /** From 1. */
  readonly step: number;
  /** ISO 8601: the input's time. */
  readonly at: string;
  /** `event vendor.created`, `timeout reminder`, `failure send-mail`, `operator`. */
  readonly input: string;
  readonly event?: ProcessedEvent;
  /** Types of the events. */
  readonly emitted?: readonly string[];
  readonly commands?: readonly string[];
  readonly scheduled?: readonly string[];
  readonly cancelled?: readonly string[];
  readonly compensated?: true;
  readonly ended?: string;
}
