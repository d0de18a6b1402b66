import type { CountedEvent } from '@annals/core';
import type { Msg } from '@nats-io/transport-node';
import { headerBlock, headerValue } from '../header/header-block.ts';
import { HEADER } from '../header/header-names.ts';
import type { Delivery } from '../scan/delivery.ts';
import { parseEventSubject, versionFilter } from '../subject/subject-map.ts';

/** An event that a sweep looks at. */
export interface OldEvent {
  /** Stream sequence. */
  readonly sequence: number;
  /** Milliseconds since 1970. */
  readonly recordedAtMs: number;
  readonly counted: CountedEvent;
  /** `<prefix>.<tenant>.<type>.<id>`; absent on an event without aggregate. */
  readonly aggregate?: string;
  /** The filter of the version after it, where it belongs to an aggregate. */
  readonly successorFilter?: string;
}

/** The event of a scanned message, or undefined for a message that is no event: retention leaves those alone. */
export function oldEvent(prefix: string, msg: Msg, { sequence, recordedAtNs }: Delivery): OldEvent | undefined {
  const subject = parseEventSubject(prefix, msg.subject);
  if (!subject) return undefined;
  const { tenantId, type, aggregateType, version } = subject;
  const timestamp = headerValue(headerBlock(msg), HEADER.time);
  const recordedAtMs = Number(recordedAtNs.slice(0, -6));
  if (aggregateType === undefined || version === undefined) {
    return { sequence, recordedAtMs, counted: { tenantId, type, timestamp } };
  }
  const aggregate = msg.subject.split('.', 4).join('.');
  return {
    sequence,
    recordedAtMs,
    counted: { tenantId, type, aggregateType, version, timestamp },
    aggregate,
    successorFilter: versionFilter(aggregate, version + 1),
  };
}
