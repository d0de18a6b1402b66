import type { EventBody } from '../event/event-body.ts';
import type { Problem } from '../problem/problem.ts';
import type { LiveFilter, LiveStart } from './live-query.ts';

/** What a client may send over `/events/ws`: JSON in text messages of 64 KiB at most. */
export type ClientMessage = SubscribeMessage | UnsubscribeMessage | PingMessage;

/** Asks for events. Answered with `subscribed` or `error`. */
export interface SubscribeMessage {
  readonly type: 'subscribe';
  /** The client's own name for it, 1 to 100 characters: no two of a socket's subscriptions have the same. */
  readonly id: string;
  readonly filter?: LiveFilter;
  /** `"now"` unless given. */
  readonly from?: LiveStart;
}

/** Wants no more of a subscription. Answered with `unsubscribed`, behind which nothing more of it comes, or `error`. */
export interface UnsubscribeMessage {
  readonly type: 'unsubscribe';
  readonly id: string;
}

/** Answered with `pong`: for browsers, whose scripts see nothing of the protocol's own pings. */
export interface PingMessage {
  readonly type: 'ping';
}

/** What the gateway sends over `/events/ws`. Ignore types that you do not know: newer gateways may send more. */
export type ServerMessage =
  | { readonly type: 'subscribed'; readonly id: string }
  /** `cursor` is absent where more follows that a migration made of the same stored event. */
  | { readonly type: 'event'; readonly id: string; readonly cursor?: string; readonly event: EventBody }
  /** Everything that was stored when the subscription began was sent; `cursor` is how far that is. */
  | { readonly type: 'caught-up'; readonly id: string; readonly cursor: string }
  /** With a problem where the client did not ask for it: the subscription could not go on. */
  | { readonly type: 'unsubscribed'; readonly id: string; readonly problem?: Problem }
  /** A message could not be served; `id` where it named one. Nothing else changes. */
  | { readonly type: 'error'; readonly id?: string; readonly problem: Problem }
  | { readonly type: 'pong' };

/** Why the gateway closes a socket, by the close code. */
export const SOCKET_CLOSE = {
  /** The gateway shuts down: connect again, to another one where there is one. */
  shuttingDown: 1001,
  /** Only text messages are taken. */
  binaryMessage: 1003,
  /** A message is larger than 64 KiB. */
  messageTooLarge: 1009,
  /** Something unexpected; the gateway's log tells more. */
  internalError: 1011,
  /** The client took nothing for `LIVE_STALL_TIMEOUT_MS` though more waited for it. */
  tooSlow: 1013,
} as const;
