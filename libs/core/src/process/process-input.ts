import type { RecordedEvent } from '../event/event-message.ts';

/** Why something that a process wanted done was not done. */
export interface ProcessError {
  /** The class of the error. */
  readonly name: string;
  readonly message: string;
  /** ISO 8601. */
  readonly at: string;
}

/** An event that correlates to the instance. */
export interface EventInput {
  readonly type: 'event';
  readonly event: RecordedEvent;
}

/** A timer of the instance is due. */
export interface TimeoutInput {
  readonly type: 'timeout';
  /** The timer's. */
  readonly name: string;
  readonly data: unknown;
  /** When it was due: ISO 8601. */
  readonly at: string;
}

/** A command, or the append of events, failed for good. What the instance wanted done behind it still stands. */
export interface FailureInput {
  readonly type: 'failure';
  /** `'command'`: one that was decided; `'emit'`: the events could not be appended; `'undo'`: a compensation. */
  readonly of: 'command' | 'emit' | 'undo';
  /** The command's name, or the type of the first event. */
  readonly name: string;
  readonly data: unknown;
  readonly error: ProcessError;
}

/** What a process is asked to decide upon. */
export type ProcessInput = EventInput | TimeoutInput | FailureInput;

/** What a process may know beside its state and the input. All of it is kept, so a repeated decision is the same. */
export interface ProcessTools {
  /** The instance's correlation key. */
  readonly key: string;
  readonly tenantId: string;
  /** The input's time, ISO 8601: when the store took the event, when the timer was due, when the failure was noticed. */
  readonly now: string;
  /** True for the event that starts the instance. */
  readonly isStart: boolean;
}
