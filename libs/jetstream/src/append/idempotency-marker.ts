import type { PreparedAppend } from '@annals/core';
import type { StoredMessage } from '../read/stored-message.ts';
import type { PendingAppend } from './pending-append.ts';

/**
 * The body of an idempotency key's marker, as JSON. Storage format: changing it is a migration.
 *
 * It is the last message of its append, so the events' sequences follow from its own: message i of `count` events is at
 * `sequence - count + i`.
 */
interface MarkerBody {
  /** What the caller gave, canonically hashed. */
  readonly contentHash: string;
  /** Per part: aggregate type and id, null without aggregate; and how many events. */
  readonly refs: readonly { readonly type: string | null; readonly id: string | null; readonly events: number }[];
  /** Per event; null without aggregate. */
  readonly versions: readonly (number | null)[];
  readonly messageIds: readonly string[];
  readonly count: number;
}

/** What a marker tells of the append that wrote it. */
export interface MarkedAppend {
  readonly contentHash: string;
  readonly messageIds: readonly string[];
  readonly versions: readonly (number | null)[];
  /** Stream sequence of the first event; the others follow. */
  readonly firstSequence: number;
}

/** The marker's body for an append whose versions are decided. */
export function encodeMarker(append: PendingAppend): Buffer {
  const body: MarkerBody = {
    contentHash: append.marker!.contentHash,
    refs: append.prepared.parts.map((part) => ({
      type: part.aggregate?.type ?? null,
      id: part.aggregate?.id ?? null,
      events: part.events.length,
    })),
    versions: append.parts.flatMap((part) =>
      part.events.map((_, i) => (part.lane.kind === 'aggregate' ? part.base + 1 + i : null)),
    ),
    messageIds: append.prepared.parts.flatMap((part) => part.events.map((event) => event.messageId)),
    count: append.prepared.eventCount,
  };
  return Buffer.from(JSON.stringify(body), 'utf8');
}

/** Reads a marker back, or undefined when the message is none. */
export function decodeMarker(message: StoredMessage): MarkedAppend | undefined {
  try {
    const body = JSON.parse(Buffer.from(message.body).toString('utf8')) as MarkerBody;
    if (typeof body.contentHash !== 'string' || !Array.isArray(body.messageIds) || !Array.isArray(body.versions)) {
      return undefined;
    }
    const { contentHash, messageIds, versions, count } = body;
    return { contentHash, messageIds, versions, firstSequence: message.sequence - count };
  } catch {
    return undefined;
  }
}

/** The key under which message ids given by the writer make an append with `'any'` or `'exists'` idempotent, if they do. */
export function implicitKey(prepared: PreparedAppend): string | undefined {
  if (!prepared.idsGiven || prepared.idempotencyKey !== undefined) return undefined;
  const open = prepared.parts.some(
    (part) => part.aggregate && (part.expectedVersion === 'any' || part.expectedVersion === 'exists'),
  );
  return open ? prepared.parts[0]!.events[0]!.messageId : undefined;
}
