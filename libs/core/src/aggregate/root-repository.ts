import { type AppendResult } from '../append/append.ts';
import { isConcurrencyError } from '../append/append-errors.ts';
import { ValidationError } from '../error/validation-error.ts';
import type { SnapshotPolicy } from '../snapshot/snapshot-policy.ts';
import type { EventStore } from '../store/event-store.ts';
import {
  AggregateRepository,
  DEFAULT_RETRIES,
  type ExecuteOptions,
  type Moment,
  type RepositoryOptions,
  checkRetries,
  tenantOf,
  withDefaults,
} from './aggregate-repository.ts';
import { AggregateRoot, type RootSnapshot } from './aggregate-root.ts';
import { type Aggregate, defineAggregate } from './define-aggregate.ts';

/** The class of an aggregate, as its repository needs it. */
export interface AggregateRootClass<Root extends AggregateRoot> {
  new (id: string): Root;
  readonly name: string;
  /** Schema version of its fields, for snapshots; 1 unless given. Raise it when `when` or the fields change. */
  readonly stateVersion?: number;
  /** When snapshots are taken; never unless given. `true` stands for every 100 events. */
  readonly snapshots?: SnapshotPolicy | boolean;
}

/** What `save` takes. */
export type SaveOptions = Omit<ExecuteOptions, 'expectedVersion' | 'retries'>;

/** Loads and saves the aggregates of one class. */
export class AggregateRootRepository<Root extends AggregateRoot> {
  readonly aggregateType: string;
  private readonly states: AggregateRepository<RootState<Root>>;

  /** @throws ValidationError for a class that cannot be one of an aggregate */
  constructor(
    private readonly store: EventStore,
    private readonly rootClass: AggregateRootClass<Root>,
    private readonly options: RepositoryOptions = {},
  ) {
    const aggregate = aggregateOf(rootClass);
    this.aggregateType = aggregate.type;
    this.states = new AggregateRepository(store, aggregate, options);
  }

  /**
   * The aggregate as it is now; one of version 0 where it has no events.
   *
   * @throws ValidationError, ReducerFailed, HistoryIncomplete, UpcastFailed, CorruptAggregate, StoreUnavailable
   */
  async load(id: string, options: { readonly tenantId?: string | undefined } = {}): Promise<Root> {
    const { state, version } = await this.states.load(id, options);
    return this.rootOf(id, state, version);
  }

  /** The aggregate as it was. Do not save it. @throws as {@link load} */
  async loadAt(id: string, moment: Moment, options: { readonly tenantId?: string | undefined } = {}): Promise<Root> {
    const { state, version } = await this.states.loadAt(id, moment, options);
    return this.rootOf(id, state, version);
  }

  /**
   * Publishes what the aggregate raised, expecting the version that it was loaded at, and clears it.
   *
   * @returns undefined when it had raised nothing
   * @throws ConcurrencyError when somebody else was faster: the events stay raised, load it anew; and as `append`
   */
  async save(root: Root, options: SaveOptions = {}): Promise<AppendResult | undefined> {
    const raised = root.getDomainEvents();
    if (raised.length === 0) return undefined;
    const { tenantId = tenantOf(this.options), idempotencyKey, traceContext, ...given } = options;
    const { traceContext: ambientTrace, ...ambient } = this.options.defaults?.() ?? {};
    const defaults = withDefaults(given, ambient);
    const result = await this.store.append(
      { type: root.aggregateType, id: root.id, tenantId },
      raised.map(({ aggregateType: _type, aggregateId: _id, expectedVersion: _expected, ...event }) =>
        withDefaults(event, defaults),
      ),
      {
        expectedVersion: raised[0]!.expectedVersion,
        idempotencyKey,
        traceContext: traceContext ?? ambientTrace,
      },
    );
    root.clearDomainEvents();
    return result;
  }

  /**
   * Loads an aggregate, has it act, and saves it; anew from the load when others were faster.
   *
   * @param act calls methods of the aggregate; it may be called several times
   * @param options `retries` 3 unless given, from 0 to 100
   * @returns the aggregate as it is now
   * @throws what `act` throws; ConcurrencyError when the retries did not suffice; as {@link load} and {@link save}
   */
  async change(
    id: string,
    act: (root: Root) => unknown,
    { retries = DEFAULT_RETRIES, ...options }: SaveOptions & Pick<ExecuteOptions, 'retries'> = {},
  ): Promise<Root> {
    checkRetries(retries);
    for (let attempt = 0; ; attempt++) {
      const root = await this.load(id, options);
      await act(root);
      try {
        const result = await this.save(root, options);
        // An earlier attempt had landed: what was loaded held its events already.
        return result?.repeated ? await this.load(id, options) : root;
      } catch (error) {
        if (!isConcurrencyError(error) || attempt >= retries) throw error;
      }
    }
  }

  /** Takes a snapshot now. @returns its version; undefined when there was nothing new to keep */
  takeSnapshot(id: string, options: { readonly tenantId?: string | undefined } = {}): Promise<number | undefined> {
    return this.states.takeSnapshot(id, options);
  }

  /** Waits until the snapshots that are being taken are kept. */
  settled(): Promise<void> {
    return this.states.settled();
  }

  private rootOf(id: string, state: RootState<Root>, version: number): Root {
    const { rootClass } = this;
    const root = holderOf(rootClass, state, version, id).root ?? new rootClass(id);
    if (root.version === version) return root;
    // The newest events became none by a migration: they count all the same.
    return rootFrom(rootClass, { id, version, state: root.getSnapshot().state });
  }
}

/** What is folded: an aggregate that its events change, or its fields as a snapshot holds them. */
type RootState<Root extends AggregateRoot> = RootHolder<Root> | Readonly<Record<string, unknown>>;

/** In a snapshot it is the fields of its aggregate. */
class RootHolder<Root extends AggregateRoot> {
  constructor(public root: Root | undefined) {}

  toJSON(): unknown {
    return this.root?.getSnapshot().state ?? {};
  }
}

function holderOf<Root extends AggregateRoot>(
  rootClass: AggregateRootClass<Root>,
  state: RootState<Root>,
  version: number,
  id: string,
): RootHolder<Root> {
  if (state instanceof RootHolder) return state as RootHolder<Root>;
  return new RootHolder(rootFrom(rootClass, { id, version, state }));
}

function rootFrom<Root extends AggregateRoot>(rootClass: AggregateRootClass<Root>, snapshot: RootSnapshot): Root {
  return AggregateRoot.fromSnapshotAndEvents.call(rootClass, snapshot, []) as Root;
}

function aggregateOf<Root extends AggregateRoot>(rootClass: AggregateRootClass<Root>): Aggregate<RootState<Root>> {
  const { stateVersion, snapshots } = rootClass;
  return defineAggregate<RootState<Root>>({
    type: typeOf(rootClass),
    initialState: () => new RootHolder<Root>(undefined),
    evolve: (state, event) => {
      const { aggregateId: id, version } = event;
      const holder = holderOf(rootClass, state, version! - 1, id!);
      holder.root ??= new rootClass(id!);
      holder.root.applyEvent(event);
      return holder;
    },
    ...(stateVersion !== undefined && { stateVersion }),
    ...(snapshots !== undefined && { snapshots }),
  });
}

/** The type is a field of instances. */
function typeOf<Root extends AggregateRoot>(rootClass: AggregateRootClass<Root>): string {
  const type: unknown = new rootClass('probe').aggregateType;
  if (typeof type === 'string') return type;
  throw new ValidationError([{ path: rootClass.name, message: 'must have a field aggregateType' }]);
}
