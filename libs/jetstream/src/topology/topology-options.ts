/** Which stream takes which aggregate types. */
export interface TopologyOptions {
  /** Stream of every aggregate type that `streams` does not name, and of events without aggregate; `'EVENTS'` unless given. */
  readonly defaultStream?: string | undefined;
  /** Streams that belong to some aggregate types alone; none unless given, at most 100. */
  readonly streams?: readonly DedicatedStream[] | undefined;
}

/** A stream of its own for some aggregate types. */
export interface DedicatedStream {
  /** 1–64 characters of `A-Z a-z 0-9 _ -`. */
  readonly stream: string;
  /** At least one, at most 1,000; a type belongs to one stream only. */
  readonly aggregateTypes: readonly string[];
}

/** Name of the default stream. */
export const DEFAULT_STREAM = 'EVENTS';

/** A topology names at most this many dedicated streams. */
export const MAX_STREAMS = 100;

/** A dedicated stream names at most this many aggregate types. */
export const MAX_TYPES_PER_STREAM = 1_000;
