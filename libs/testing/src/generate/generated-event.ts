import type { AggregateRef, NewEvent } from '@annals/core';

/** An event of the generator, ready to be appended. */
export interface GeneratedEvent {
  readonly aggregate: AggregateRef;
  /** Its version in its aggregate: append it with `expectedVersion: version - 1`. */
  readonly version: number;
  readonly event: NewEvent<Readonly<Record<string, unknown>>>;
}

/** Whose events are generated: a shop's orders, carts, products and customers, or the activity in source repositories. */
export type GeneratedDomain = 'shop' | 'activity';

/** What to generate. */
export interface GenerateOptions {
  /** How many events, 1 to 10,000,000. */
  readonly events: number;
  /** Same seed, same events; 1 unless given. It is part of every aggregate id and message id. 1–32 of `[A-Za-z0-9_-]`. */
  readonly seed?: number | string | undefined;
  /** Both unless given. */
  readonly domains?: readonly GeneratedDomain[] | undefined;
  /** Timestamp of the first event; 2025-01-01 unless given. The events are 5 seconds apart on average. */
  readonly startsAt?: Date | undefined;
}
