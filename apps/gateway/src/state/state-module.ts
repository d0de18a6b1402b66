import { type Aggregate, EventRegistry, type SnapshotPolicy, mergePatchReducer } from '@annals/core';
import type { ReducerKind } from '@annals/contract';

/** An aggregate whose states this gateway knows nothing of. */
export type AnyAggregate = Aggregate<unknown>;

/** How a type's states are folded. */
export interface Folding {
  readonly aggregate: AnyAggregate & { readonly snapshotPolicy: SnapshotPolicy | undefined };
  readonly kind: ReducerKind;
}

/** What the gateway knows of events and aggregates: from the module that is configured, else nothing. */
export class StateModule {
  constructor(
    private readonly aggregates: ReadonlyMap<string, AnyAggregate> = new Map(),
    /** Sealed. */
    readonly registry: EventRegistry = new EventRegistry().seal(),
  ) {}

  /** Undefined for a type that the module says nothing of. */
  aggregateOf(type: string): AnyAggregate | undefined {
    return this.aggregates.get(type);
  }

  /** By the module's reducer, else by merge patch. */
  foldingOf(type: string): Folding {
    const aggregate = this.aggregates.get(type);
    return aggregate ? { aggregate, kind: 'module' } : { aggregate: mergedByPatch(type), kind: 'merge-patch' };
  }
}

/** Never with snapshots: one of a merged state would be taken for a service's own. */
function mergedByPatch(type: string): AnyAggregate {
  return { type, initialState: {}, evolve: mergePatchReducer, stateVersion: 1, snapshotPolicy: undefined };
}
