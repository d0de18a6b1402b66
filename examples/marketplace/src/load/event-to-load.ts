import type { AggregateRef, NewEvent } from '@annals/core';

/** An event with its place: the store takes it only as this version of this aggregate, so loading twice changes nothing. */
export interface EventToLoad {
  readonly aggregate: AggregateRef;
  /** From 1. */
  readonly version: number;
  /** With a message id of its own. */
  readonly event: NewEvent;
}

/** Events that belong together: all of them are stored, or none. */
export type AtomicGroup = readonly EventToLoad[];
