import type { Random } from './random.ts';

/** What an aggregate says next. */
export interface Happening {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly userId?: string;
  /** Aggregate type that may begin because of this. */
  readonly causes?: string;
}

/** An event that another aggregate's first one may follow from. */
export interface Cause {
  readonly aggregateId: string;
  readonly messageId: string;
  readonly correlationId: string;
  readonly userId: string | undefined;
}

/** An aggregate while it is being generated. */
export interface AggregateLife {
  readonly kind: AggregateKind;
  readonly id: string;
  /** Counts the aggregates of its kind from 1. */
  readonly number: number;
  /** How many events it will have. */
  readonly size: number;
  /** How many it had. */
  version: number;
  correlationId: string | undefined;
  /** Message id of what caused its next event. */
  causationId: string | undefined;
  /** Whatever the kind remembers of it. */
  readonly memory: Record<string, unknown>;
}

/** What a kind may know of the others: enough to name existing ones. */
export interface Surroundings {
  readonly random: Random;
  /** Id of an aggregate of this kind that exists already, or of the first one. The older, the likelier. */
  someId(aggregateType: string): string;
  /** The oldest event that named `aggregateType` in `causes` and was not taken up yet; of old ones the last 64 are kept. */
  takeCause(aggregateType: string): Cause | undefined;
}

/** One sort of aggregate: how long its life is and what happens in it. */
export interface AggregateKind {
  readonly aggregateType: string;
  /** How often one is begun, against the others. */
  readonly weight: number;
  /** How many events an ordinary one has. */
  size(random: Random): number;
  /** Event number `life.version + 1` of `life.size`. */
  next(life: AggregateLife, around: Surroundings): Happening;
}

/** True when the next event is the last one of its life. */
export function isLast(life: AggregateLife): boolean {
  return life.version + 1 >= life.size;
}
