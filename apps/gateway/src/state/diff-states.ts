import { type DiffResponse, MAX_DIFF_EVENTS, type PatchOperation, type StateChangeBody } from '@annals/contract';
import {
  type EventStore,
  type RecordedEvent,
  type Reducer,
  type ResolvedAggregateRef,
  ValidationError,
  compareTimestamps,
  foldEvent,
  initialStateOf,
  reducerOf,
} from '@annals/core';
import { type AggregateName, findAggregate } from '../read/find-aggregate.ts';
import { type DiffPoint, isIn } from './diff-point.ts';
import { DiffTooLarge } from './diff-too-large.ts';
import { EventsToFold, type FoldBounds } from './events-to-fold.ts';
import { jsonState } from './json-state.ts';
import { patchBetween } from './patch-between.ts';
import type { StateModule } from './state-module.ts';

/** The two states to compare. */
export interface WantedDiff {
  readonly from: DiffPoint;
  /** Undefined: the newest. */
  readonly to: DiffPoint | undefined;
  readonly allowIncomplete?: boolean;
}

/** Patches may hold whole states, and each event has one. */
const MAX_PATCH_CHARACTERS = 16 * 1024 * 1024;

/**
 * What changed between two states of an aggregate, event by event.
 *
 * Times need not follow versions, so the state at `from` may lack events that lie before others which it has: both states
 * are folded side by side, and each change is what its event did on the way to `to`.
 *
 * @throws ValidationError where `to` is before `from`; DiffTooLarge; as readState
 */
export async function diffStates(
  store: EventStore,
  module: StateModule,
  name: AggregateName,
  { from, to, allowIncomplete = false }: WantedDiff,
  bounds: FoldBounds,
): Promise<DiffResponse> {
  refuseReversed(from, to);
  const { aggregate, version: headVersion } = await findAggregate(store, name);
  const ref = aggregate as ResolvedAggregateRef;
  const folding = module.foldingOf(ref.type);
  const reducer = reducerOf(folding.aggregate);
  const start = (): JsonFold => new JsonFold(ref, initialStateOf(folding.aggregate), reducer);
  const [before, after] = [start(), start()];
  const changes: StateChangeBody[] = [];
  let room = MAX_PATCH_CHARACTERS;
  const events = new EventsToFold(store, ref, bounds, allowIncomplete);
  for await (const event of events.upTo(end(from, to))) {
    if (isIn(from, event)) {
      if (!isIn(to, event)) throw reversed();
      before.take(event);
      after.take(event);
    } else if (isIn(to, event)) {
      if (changes.length === MAX_DIFF_EVENTS) throw new DiffTooLarge(`More than ${MAX_DIFF_EVENTS} events lie between`);
      const patch = after.change(event);
      changes.push(changeBody(event, patch));
      room -= JSON.stringify(patch).length;
      if (room < 0) throw new DiffTooLarge(`The changes take more than ${MAX_PATCH_CHARACTERS} characters`);
    }
  }
  const { retainedFromVersion } = events;
  return {
    aggregateId: ref.id,
    aggregateType: ref.type,
    reducer: folding.kind,
    from: { version: versionAt(from, before, headVersion) },
    to: { version: versionAt(to, after, headVersion) },
    patch: changes.length === 0 ? [] : patchBetween(before.json, after.json),
    changes,
    ...(retainedFromVersion !== undefined && { retainedFromVersion }),
  };
}

function refuseReversed(from: DiffPoint, to: DiffPoint | undefined): void {
  if (!to) return;
  if ('version' in from && 'version' in to && from.version > to.version) throw reversed();
  if ('asOf' in from && 'asOf' in to && compareTimestamps(from.asOf, to.asOf) > 0) throw reversed();
}

function reversed(): ValidationError {
  return new ValidationError([{ path: 'to', message: 'must not be before from' }]);
}

/** A migration may make no event of the last stored one. */
function versionAt(point: DiffPoint | undefined, { version }: JsonFold, headVersion: number): number {
  if (point && 'asOf' in point) return version;
  return Math.max(version, Math.min(point?.version ?? headVersion, headVersion));
}

/** No event behind both versions is looked at. */
function end(from: DiffPoint, to: DiffPoint | undefined): { readonly version: number } | undefined {
  if (!to || !('version' in to) || !('version' in from)) return undefined;
  return { version: Math.max(from.version, to.version, 1) };
}

function changeBody(event: RecordedEvent, patch: readonly PatchOperation[]): StateChangeBody {
  const { version, type, timestamp, userId, messageId } = event;
  return { version: version!, type, timestamp, ...(userId !== undefined && { userId }), messageId, patch };
}

/** A state on its way, and what it is as JSON. */
class JsonFold {
  version = 0;
  #last: RecordedEvent | undefined;
  #known: { readonly json: unknown } | undefined;

  constructor(
    private readonly ref: ResolvedAggregateRef,
    private state: unknown,
    private readonly reducer: Reducer<unknown>,
  ) {}

  /** The state as it is now: what reducers do to it later shows in none of these. */
  get json(): unknown {
    this.#known ??= { json: this.#last ? jsonState(this.ref, this.#last, this.state) : toJson(this.state) };
    return this.#known.json;
  }

  take(event: RecordedEvent): void {
    this.state = foldEvent(this.ref, this.state, event, this.reducer);
    this.version = Math.max(this.version, event.version!);
    this.#last = event;
    this.#known = undefined;
  }

  change(event: RecordedEvent): readonly PatchOperation[] {
    const before = this.json;
    this.take(event);
    return patchBetween(before, this.json);
  }
}

/** Initial states were checked when the module was loaded. */
function toJson(state: unknown): unknown {
  return JSON.parse(JSON.stringify(state)) as unknown;
}
