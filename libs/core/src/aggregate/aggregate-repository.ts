import type { AppendResult } from '../append/append.ts';
import type { ExpectedVersion } from '../append/expected-version.ts';
import { isConcurrencyError } from '../append/append-errors.ts';
import { ValidationError } from '../error/validation-error.ts';
import { type ResolvedAggregateRef, describeAggregate } from '../event/aggregate-ref.ts';
import type { NewEvent } from '../event/new-event.ts';
import type { TraceContext } from '../event/trace-context.ts';
import { type Logger, silentLogger } from '../logging/logger.ts';
import { checkAggregate } from '../read/check-read.ts';
import { type Clock, systemClock } from '../time/clock.ts';
import { isSnapshotDue } from '../snapshot/snapshot-policy.ts';
import type { Snapshots } from '../snapshot/snapshot.ts';
import { HistoryIncomplete } from '../state/history-incomplete.ts';
import { foldEvents } from '../state/fold-events.ts';
import type { EventStore } from '../store/event-store.ts';
import { decideEvents } from './decide.ts';
import { type Aggregate, type AnyEvent, initialStateOf } from './define-aggregate.ts';
import { type LoadedState, type LoadedWithSnapshot, loadState, reducerOf } from './load-aggregate.ts';

/** Which earlier state to load: after a version, or from the events that had happened by a time. */
export type Moment = { readonly version: number } | { readonly asOf: string };

/** What the events of a command get that its decider does not give them. */
export type EventDefaults = Partial<
  Pick<NewEvent, 'correlationId' | 'causationId' | 'userId' | 'source' | 'tags' | 'metadata' | 'timestamp'>
>;

/** How to execute a command. */
export interface ExecuteOptions extends EventDefaults {
  readonly tenantId?: string | undefined;
  /** What the caller believes of the head: another one is refused without a retry. */
  readonly expectedVersion?: ExpectedVersion | undefined;
  /** How often the command is decided anew when others were faster; 3, from 0 to 100. */
  readonly retries?: number | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly traceContext?: TraceContext | undefined;
}

/** What became of a command. */
export interface Executed<State> extends LoadedState<State> {
  /** Undefined when the command led to no event. */
  readonly result: AppendResult | undefined;
}

/** What a repository is made of. */
export interface RepositoryOptions {
  /** Tenant of calls that name none, or what tells it at each call; `'default'` unless given. */
  readonly tenantId?: string | (() => string | undefined) | undefined;
  /** Where snapshots are kept; needed for aggregates that have a policy, else everything is folded. */
  readonly snapshots?: Snapshots | undefined;
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
  /** What events get that neither decider nor caller give them: the correlation of whatever is handled, for example. */
  readonly defaults?: (() => EventDefaults & { readonly traceContext?: TraceContext | undefined }) | undefined;
}

export const DEFAULT_RETRIES = 3;
const MAX_RETRIES = 100;

/** Loads and changes the aggregates of one type. */
export class AggregateRepository<State, Event = AnyEvent, Command = never> {
  private readonly logger: Logger;
  private readonly clock: Clock;
  /** Aggregates of which a snapshot is being taken. */
  private readonly taking = new Map<string, Promise<void>>();

  constructor(
    private readonly store: EventStore,
    readonly aggregate: Aggregate<State, Event, Command>,
    private readonly options: RepositoryOptions = {},
  ) {
    this.logger = options.logger ?? silentLogger;
    this.clock = options.clock ?? systemClock;
  }

  /**
   * The newest state; the initial one with version 0 for an aggregate without events.
   *
   * @throws ValidationError, ReducerFailed, HistoryIncomplete, UpcastFailed, CorruptAggregate, StoreUnavailable
   */
  async load(id: string, options: { readonly tenantId?: string | undefined } = {}): Promise<LoadedState<State>> {
    const { state, version } = await this.loadNewest(this.refOf(id, options.tenantId));
    return { state, version };
  }

  /**
   * An earlier state. Before the first event it is the initial one with version 0; a version or time still to come means
   * the newest.
   *
   * @throws as {@link load}
   */
  async loadAt(
    id: string,
    moment: Moment,
    options: { readonly tenantId?: string | undefined } = {},
  ): Promise<LoadedState<State>> {
    const ref = this.refOf(id, options.tenantId);
    const initial = initialStateOf(this.aggregate);
    if ('version' in moment && moment.version === 0) return { state: initial, version: 0 };
    const events =
      'version' in moment
        ? this.store.readAggregate(ref, { toVersion: moment.version })
        : this.store.readAt(ref, moment.asOf);
    const { state, version } = await foldEvents(ref, events, initial, reducerOf(this.aggregate));
    if (events.retainedFromVersion !== undefined) throw new HistoryIncomplete(ref, events.retainedFromVersion);
    return { state, version: events.stored?.last?.version ?? version };
  }

  /**
   * Loads the aggregate, decides, and appends what was decided, expecting the version that was loaded; decides anew when
   * another writer was faster.
   *
   * @param command what the aggregate's `decide` takes
   * @returns the state with the new events in it
   * @throws what `decide` throws; DeciderFailed; ConcurrencyError when the retries did not suffice, or the head is not as
   *   `expectedVersion` says; what {@link load} and appending throw
   */
  async execute(id: string, command: Command, options: ExecuteOptions = {}): Promise<Executed<State>> {
    return this.change(id, (state, ref) => decideEvents(this.aggregate, ref, command, state), options);
  }

  /** As {@link execute}, for a decision that is no command of the aggregate. @param decide pure and synchronous */
  async change(
    id: string,
    decide: (state: State, ref: ResolvedAggregateRef) => readonly NewEvent[],
    options: ExecuteOptions = {},
  ): Promise<Executed<State>> {
    const { tenantId, expectedVersion, retries = DEFAULT_RETRIES, idempotencyKey, traceContext, ...defaults } = options;
    checkRetries(retries);
    const ref = this.refOf(id, tenantId);
    const { traceContext: ambientTrace, ...ambient } = this.options.defaults?.() ?? {};
    for (let attempt = 0; ; attempt++) {
      const loaded = await this.loadNewest(ref);
      const decided = decide(loaded.state, ref);
      if (decided.length === 0) return { state: loaded.state, version: loaded.version, result: undefined };
      const events = decided.map((event) => withDefaults(event, withDefaults(defaults, ambient)));
      try {
        const result = await this.store.append(ref, events, {
          expectedVersion: expectedVersion ?? (loaded.version === 0 ? 'none' : loaded.version),
          idempotencyKey,
          traceContext: traceContext ?? ambientTrace,
        });
        return await this.behind(ref, loaded, result);
      } catch (error) {
        if (!isConcurrencyError(error) || expectedVersion !== undefined || attempt >= retries) throw error;
      }
    }
  }

  /**
   * Takes a snapshot of the newest state now, whatever the policy says.
   *
   * @returns its version; undefined when there was nothing new to keep
   */
  async takeSnapshot(
    id: string,
    options: { readonly tenantId?: string | undefined } = {},
  ): Promise<number | undefined> {
    const ref = this.refOf(id, options.tenantId);
    const { snapshots } = this.options;
    if (!snapshots) {
      throw new ValidationError([{ path: 'snapshots', message: 'must be given to the repository to take one' }]);
    }
    const loaded = await loadState({ store: this.store, snapshots, logger: this.logger }, this.aggregate, ref);
    if (loaded.version === 0) return undefined;
    return (await this.put(ref, loaded)) ? loaded.version : undefined;
  }

  /** Waits until the snapshots that are being taken are kept. */
  async settled(): Promise<void> {
    await Promise.all(this.taking.values());
  }

  private async loadNewest(ref: ResolvedAggregateRef): Promise<LoadedWithSnapshot<State>> {
    const { snapshotPolicy } = this.aggregate;
    const snapshots = snapshotPolicy && this.options.snapshots;
    const loaded = await loadState({ store: this.store, snapshots, logger: this.logger }, this.aggregate, ref);
    this.takeIfDue(ref, loaded);
    return loaded;
  }

  /** The state after what was appended: read back, so that it is what everybody will see. */
  private async behind(
    ref: ResolvedAggregateRef,
    before: LoadedWithSnapshot<State>,
    result: AppendResult,
  ): Promise<Executed<State>> {
    const version = result.heads[0]!.version;
    if (result.repeated) return { ...(await this.load(ref.id, ref)), result };
    const events = this.store.readAggregate(ref, { fromVersion: before.version + 1, toVersion: version });
    const { state } = await foldEvents(ref, events, before.state, reducerOf(this.aggregate));
    return { state, version, result };
  }

  /** In the background: nobody waits for a snapshot, and one that fails is taken next time. */
  private takeIfDue(ref: ResolvedAggregateRef, loaded: LoadedWithSnapshot<State>): void {
    const { snapshotPolicy } = this.aggregate;
    const key = describeAggregate(ref);
    if (!snapshotPolicy || !this.options.snapshots || this.taking.has(key)) return;
    if (!isSnapshotDue(snapshotPolicy, loaded.snapshot, loaded.version, this.clock.now())) return;
    const taking = this.put(ref, loaded)
      .then(
        () => {},
        (error: unknown) => this.logger.warn(`the snapshot of ${key} could not be kept: ${String(error)}`),
      )
      .finally(() => this.taking.delete(key));
    this.taking.set(key, taking);
  }

  private async put(
    ref: ResolvedAggregateRef,
    { state, version, hash, foundWrong }: LoadedWithSnapshot<State>,
  ): Promise<boolean> {
    const snapshots = this.options.snapshots!;
    // The caller has the state by now, and may change one that is an instance of a class.
    const kept: unknown = foundWrong ? JSON.parse(JSON.stringify(state)) : state;
    if (foundWrong) await snapshots.delete(ref);
    return snapshots.put({
      aggregate: ref,
      version,
      state: kept,
      stateVersion: this.aggregate.stateVersion,
      takenAt: new Date(this.clock.now()).toISOString(),
      hash,
    });
  }

  private refOf(id: string, tenantId?: string): ResolvedAggregateRef {
    return checkAggregate({ type: this.aggregate.type, id, tenantId: tenantId ?? tenantOf(this.options) });
  }
}

/** @throws ValidationError */
export function checkRetries(retries: number): void {
  if (Number.isSafeInteger(retries) && retries >= 0 && retries <= MAX_RETRIES) return;
  throw new ValidationError([{ path: 'retries', message: `must be a whole number from 0 to ${MAX_RETRIES}` }]);
}

/** The tenant of a call that names none. */
export function tenantOf({ tenantId }: Pick<RepositoryOptions, 'tenantId'>): string | undefined {
  return typeof tenantId === 'function' ? tenantId() : tenantId;
}

/** What is given wins, but for what is given as undefined. */
export function withDefaults<Given extends object, Defaults extends object>(
  given: Given,
  defaults: Defaults,
): Given & Defaults {
  const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { ...defaults, ...known } as Given & Defaults;
}
