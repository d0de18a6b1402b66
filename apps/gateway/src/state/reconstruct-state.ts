import {
  type AggregateEvents,
  type EventStore,
  HistoryIncomplete,
  type RecordedEvent,
  ValidationError,
  checkTimestamp,
  foldEvent,
  initialStateOf,
  reducerOf,
} from '@annals/core';
import { DEFAULT_PAGE_LIMIT, type ReconstructResponse } from '@annals/contract';
import { createHash } from 'node:crypto';
import { type CursorPlace, readCursor, writeCursor } from '../read/cursor.ts';
import { eventBody } from '../read/event-body.ts';
import { type AggregateName, findAggregate } from '../read/find-aggregate.ts';
import type { FoldBounds } from './events-to-fold.ts';
import { jsonState } from './json-state.ts';
import type { ReconstructRequestDto } from './reconstruct.dto.ts';
import type { StateModule } from './state-module.ts';

/**
 * Folds an aggregate's events, by the module's reducer or by merge patch, and lists a page of them. Memory is bounded by the state and the page.
 *
 * The first page fixes the version; the following ones fold the same events, whatever was stored since.
 *
 * @throws AggregateNotFound, HistoryIncomplete, ReducerFailed, ValidationError, and what reading throws
 */
export async function reconstructState(
  store: EventStore,
  module: StateModule,
  name: AggregateName,
  request: ReconstructRequestDto,
  { signal, checkTime }: FoldBounds,
): Promise<ReconstructResponse> {
  const { toVersion, asOf, limit = DEFAULT_PAGE_LIMIT } = request;
  if (toVersion !== undefined && asOf !== undefined) {
    throw new ValidationError([{ path: 'asOf', message: 'must not be given together with toVersion' }]);
  }
  const moment = asOf === undefined ? undefined : checkTimestamp(asOf, 'asOf');
  const digest = digestOf(name, toVersion, moment);
  const place = request.cursor === undefined ? undefined : versionPlace(readCursor(request.cursor, digest));
  const { aggregate, version: headVersion } = await findAggregate(store, {
    ...name,
    type: name.type ?? place?.aggregateType,
  });
  const upTo = Math.min(toVersion ?? headVersion, place?.upTo ?? headVersion);
  const events =
    moment === undefined
      ? store.readAggregate(aggregate, { toVersion: upTo, signal })
      : store.readAt(aggregate, moment, { signal });

  const { aggregate: definition, kind } = module.foldingOf(aggregate.type);
  const reducer = reducerOf(definition);
  let state = initialStateOf(definition);
  let last: RecordedEvent | undefined;
  let next: number | undefined;
  const page: RecordedEvent[] = [];
  for await (const event of events) {
    checkTime();
    if (event.version! > upTo) continue;
    refuseIncomplete(events, aggregate, request);
    state = foldEvent(aggregate, state, event, reducer);
    last = event;
    if (event.version! < (place?.version ?? 1)) continue;
    // What a migration made of one stored event stays together.
    if (page.length < limit || page.at(-1)!.version === event.version) page.push(event);
    else next ??= event.version!;
  }
  refuseIncomplete(events, aggregate, request);
  const version = Math.min(events.stored?.last?.version ?? last?.version ?? 0, upTo);
  const nextPlace = { kind: 'version', aggregateType: aggregate.type, upTo: version } as const;
  return {
    aggregateId: aggregate.id,
    aggregateType: aggregate.type,
    version,
    ...(events.retainedFromVersion !== undefined && { retainedFromVersion: events.retainedFromVersion }),
    state: kind === 'module' && last ? jsonState(aggregate, last, state) : state,
    events: page.map(eventBody),
    nextCursor: next === undefined ? null : writeCursor({ ...nextPlace, version: next }, digest),
  };
}

function refuseIncomplete(
  { retainedFromVersion }: AggregateEvents,
  aggregate: AggregateName & { readonly type: string },
  { allowIncomplete }: ReconstructRequestDto,
): void {
  if (retainedFromVersion !== undefined && allowIncomplete !== true) {
    throw new HistoryIncomplete(aggregate, retainedFromVersion);
  }
}

function digestOf(name: AggregateName, toVersion: number | undefined, moment: string | undefined): string {
  const text = JSON.stringify([name.tenantId, name.type, name.id, toVersion, moment]);
  return createHash('sha256').update(text).digest('base64url').slice(0, 12);
}

function versionPlace(place: CursorPlace): CursorPlace & { readonly kind: 'version' } {
  if (place.kind === 'version') return place;
  throw new ValidationError([{ path: 'cursor', message: 'is not one that this gateway made' }]);
}
