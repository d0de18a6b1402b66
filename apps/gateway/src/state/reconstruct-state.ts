import {
  type AggregateEvents,
  type EventStore,
  HistoryIncomplete,
  type RecordedEvent,
  ValidationError,
  checkTimestamp,
  mergePatchReducer,
} from '@annals/core';
import { DEFAULT_PAGE_LIMIT, type ReconstructResponse } from '@annals/contract';
import { createHash } from 'node:crypto';
import { type CursorPlace, readCursor, writeCursor } from '../read/cursor.ts';
import { eventBody } from '../read/event-body.ts';
import { type AggregateName, findAggregate } from '../read/find-aggregate.ts';
import type { ReconstructRequestDto } from './reconstruct.dto.ts';

/** The state before the first event. */
const INITIAL_STATE = {};

/**
 * Folds an aggregate's events by merge patch and lists a page of them. Memory is bounded by the state and the page.
 *
 * The first page fixes the version; the following ones fold the same events, whatever was stored since.
 *
 * @param checkTime throws when the time for the answer is over: folding long aggregates leaves timers no turn
 * @throws AggregateNotFound, HistoryIncomplete, ValidationError, and what reading throws
 */
export async function reconstructState(
  store: EventStore,
  name: AggregateName,
  request: ReconstructRequestDto,
  signal: AbortSignal,
  checkTime: () => void,
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

  let state: unknown = INITIAL_STATE;
  let version = 0;
  let next: number | undefined;
  const page: RecordedEvent[] = [];
  for await (const event of events) {
    checkTime();
    if (event.version! > upTo) continue;
    refuseIncomplete(events, aggregate, request);
    state = mergePatchReducer(state, event);
    version = event.version!;
    if (version < (place?.version ?? 1)) continue;
    if (page.length < limit) page.push(event);
    else next ??= version;
  }
  refuseIncomplete(events, aggregate, request);
  const nextPlace = { kind: 'version', aggregateType: aggregate.type, upTo: version } as const;
  return {
    aggregateId: aggregate.id,
    aggregateType: aggregate.type,
    version,
    ...(events.retainedFromVersion !== undefined && { retainedFromVersion: events.retainedFromVersion }),
    state,
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
