import type { Position } from '../event/event-message.ts';

/**
 * Where reading begins.
 *
 * - `'beginning'`: with the oldest stored event;
 * - `'now'`: with the first event that is stored after the call;
 * - `after`: behind these positions, one per stream; a stream that is not named is read from its beginning;
 * - `recordedFrom`: with the first event that the store took at or after this time (ISO 8601).
 */
export type StartFrom =
  'beginning' | 'now' | { readonly after: Position | readonly Position[] } | { readonly recordedFrom: string };

/** How to follow the log. */
export interface FollowOptions {
  /** `'now'` unless given. */
  readonly from?: StartFrom | undefined;
  /** Called once, when every event that was stored at the call has been handed over. */
  readonly onCaughtUp?: (() => void) | undefined;
  /** Ends the following with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}
