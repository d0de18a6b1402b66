import type { AggregateHead, AppendedEvent, AppendResult, PreparedPart, ResolvedAggregateRef } from '@annals/core';
import type { StreamBinding } from '../topology/stream-binding.ts';
import type { MarkedAppend } from './idempotency-marker.ts';
import type { PendingAppend } from './pending-append.ts';

/**
 * The result of an append whose messages lie one after the other in the stream.
 *
 * @param firstSequence stream sequence of its first event
 */
export function resultOfLanded(
  binding: StreamBinding,
  append: PendingAppend,
  firstSequence: number,
  repeated: boolean,
): AppendResult {
  const { parts } = append.prepared;
  if (parts.length === 1 && parts[0]!.aggregate) {
    return resultOfAggregate(binding, parts[0]!, parts[0]!.aggregate, append.parts[0]!.base, firstSequence, repeated);
  }
  const versions: (number | null)[] = [];
  const sequences: number[] = [];
  let sequence = firstSequence;
  for (const part of append.parts) {
    const versioned = part.lane.kind === 'aggregate';
    for (let i = 1; i <= part.events.length; i++) {
      versions.push(versioned ? part.base + i : null);
      sequences.push(sequence++);
    }
  }
  return resultOf(binding, append, undefined, versions, sequences, repeated);
}

/** The common case, without lists in between. */
function resultOfAggregate(
  binding: StreamBinding,
  { events, tenantId }: PreparedPart,
  aggregate: ResolvedAggregateRef,
  base: number,
  firstSequence: number,
  repeated: boolean,
): AppendResult {
  const appended = events.map(({ messageId, type }, i) => ({
    messageId,
    type,
    tenantId,
    aggregateType: aggregate.type,
    aggregateId: aggregate.id,
    version: base + 1 + i,
    position: { stream: binding.name, sequence: firstSequence + i },
  }));
  const { version, position } = appended[appended.length - 1]!;
  return { events: appended, heads: [{ aggregate, version, position }], repeated };
}

/** The result that a marker remembers: ids and versions are those of the first time. */
export function resultOfMarker(binding: StreamBinding, append: PendingAppend, marked: MarkedAppend): AppendResult {
  const sequences = marked.messageIds.map((_, i) => marked.firstSequence + i);
  return resultOf(binding, append, marked.messageIds, marked.versions, sequences, true);
}

/** The result of an append from its events' versions and sequences, in the order given. */
export function resultOf(
  binding: StreamBinding,
  append: PendingAppend,
  messageIds: readonly string[] | undefined,
  versions: readonly (number | null)[],
  sequences: readonly number[],
  repeated: boolean,
): AppendResult {
  const events: AppendedEvent[] = [];
  const heads: AggregateHead[] = [];
  let i = 0;
  for (const { aggregate, tenantId, events: prepared } of append.prepared.parts) {
    for (const event of prepared) {
      const position = { stream: binding.name, sequence: sequences[i]! };
      const messageId = messageIds?.[i] ?? event.messageId;
      const { type } = event;
      const version = versions[i++];
      events.push(
        aggregate
          ? {
              messageId,
              type,
              tenantId,
              aggregateType: aggregate.type,
              aggregateId: aggregate.id,
              version: version!,
              position,
            }
          : { messageId, type, tenantId, position },
      );
    }
    const last = events[events.length - 1]!;
    if (aggregate) heads.push({ aggregate, version: last.version!, position: last.position });
  }
  return { events, heads, repeated };
}
