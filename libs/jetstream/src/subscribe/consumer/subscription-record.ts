import { isDeepStrictEqual } from 'node:util';
import type { CheckedStart, SubscriptionDefinition } from '@annals/core';

/** Where a subscription began in a stream; decided once, so that `'now'` stays the same however often it is tried. */
export interface StreamStart {
  /** First stream sequence wanted. */
  readonly sequence: number;
  /** When the stream was made: in another stream of this name the sequence means nothing. */
  readonly created: string;
}

/** A subscription as it is kept for all processes. */
export interface SubscriptionRecord {
  readonly format: 1;
  readonly definition: SubscriptionDefinition;
  readonly from: CheckedStart;
  /** ISO 8601. */
  readonly createdAt: string;
  /** When it was made, resumed or set to another place last: a stall is counted from here. */
  readonly movedAt: string;
  readonly paused: boolean;
  readonly starts: Readonly<Record<string, StreamStart>>;
  /** The definition before this one and when it was replaced. */
  readonly replaced?: { readonly definition: SubscriptionDefinition; readonly at: string };
  /** A rewind that has begun: the first stream sequence wanted, by stream. */
  readonly rewinding?: Readonly<Record<string, number>>;
  /** A removal that has begun: the subscription is no longer there. */
  readonly deleting?: true;
}

/** How far a subscription is in a stream. */
export interface CheckpointRecord {
  readonly format: 1;
  /** Every wanted event up to this stream sequence is settled. */
  readonly floor: number;
  /** When the stream was made. */
  readonly created: string;
}

export function encodeRecord(record: SubscriptionRecord | CheckpointRecord): string {
  return JSON.stringify(record);
}

/** Undefined for what is no definition of a format that is known. */
export function decodeSubscription(bytes: Uint8Array): SubscriptionRecord | undefined {
  const record = parsed(bytes) as SubscriptionRecord | undefined;
  const valid =
    record?.format === 1 && typeof record.definition?.name === 'string' && typeof record.starts === 'object';
  return valid ? record : undefined;
}

/** Undefined for what is no checkpoint of a format that is known. */
export function decodeCheckpoint(bytes: Uint8Array): CheckpointRecord | undefined {
  const record = parsed(bytes) as CheckpointRecord | undefined;
  const valid = record?.format === 1 && Number.isSafeInteger(record.floor) && typeof record.created === 'string';
  return valid ? record : undefined;
}

/** True when two definitions mean the same subscription. */
export function isSameDefinition(a: SubscriptionDefinition, b: SubscriptionDefinition): boolean {
  return isDeepStrictEqual(comparable(a), comparable(b));
}

function comparable({ filter, ...rest }: SubscriptionDefinition): object {
  const { tenantId, aggregateType, eventTypes } = filter;
  return {
    ...rest,
    tenantId: tenantId ?? null,
    aggregateType: aggregateType ?? null,
    eventTypes: eventTypes ? [...new Set(eventTypes)].sort() : null,
  };
}

function parsed(bytes: Uint8Array): unknown {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
