/** Events on a page unless the request says otherwise. */
export const DEFAULT_PAGE_LIMIT = 100;
/** Events on a page at most. */
export const MAX_PAGE_LIMIT = 1_000;
/** Events in one append at most. */
export const MAX_APPEND_EVENTS = 1_000;
/** Event types in one query at most. */
export const MAX_QUERY_TYPES = 100;
/** A cursor takes at most this many characters. */
export const MAX_CURSOR_CHARACTERS = 4_096;
/** A body takes at most this many bytes unless the gateway is configured otherwise: 8 MiB. */
export const DEFAULT_BODY_LIMIT_BYTES = 8 * 1024 * 1024;
/** A message that a client sends over a WebSocket takes at most this many bytes: 64 KiB. */
export const MAX_SOCKET_MESSAGE_BYTES = 64 * 1024;
/** A client's name for a subscription over a WebSocket takes at most this many characters. */
export const MAX_SUBSCRIPTION_ID_CHARACTERS = 100;
/** Events between the two states of one diff. */
export const MAX_DIFF_EVENTS = 1_000;
