import type { Rejection } from '../aggregate/decision.ts';

/** One event that a command led to. */
export interface CommandEvent {
  readonly messageId: string;
  readonly type: string;
  readonly version: number;
}

/** What became of a command; failures of the store itself are thrown. */
export type CommandResult<State> =
  | {
      readonly outcome: 'done';
      /** Empty when the command would have changed nothing. */
      readonly events: readonly CommandEvent[];
      /** After the command. */
      readonly state: State;
      readonly version: number;
      readonly correlationId: string | undefined;
      /** True when an earlier copy of this command had done it. */
      readonly repeated: boolean;
    }
  | { readonly outcome: 'rejected'; readonly rejection: Rejection }
  /** `If-Match` names another version. */
  | { readonly outcome: 'stale'; readonly expectedVersion: number; readonly actualVersion: number }
  /** The idempotency key was used for another command before. */
  | { readonly outcome: 'key-reused'; readonly idempotencyKey: string };
