import type { ResolvedAggregateRef } from '@annals/core';

/**
 * Storage names: the one place that knows subjects. `<prefix>.<tenant>.<aggregateType>.<aggregateId>.<version>.<eventType…>`
 *
 * The filter of an aggregate must be the same string in every process: JetStream compares expectations on equal filters
 * only (nats-server 2.15.1, seen: two spellings of one aggregate's filter let two writers in).
 */

/** Stands for the aggregate type and id of an event without aggregate; a real `-` is encoded. */
const NO_AGGREGATE = '-';

const PLAIN = /^[A-Za-z0-9_-]+$/;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** What a subject says of its event. */
export interface EventSubject {
  readonly tenantId: string;
  readonly aggregateType?: string;
  readonly aggregateId?: string;
  /** Present with an aggregate. */
  readonly version?: number;
  /** Present without aggregate. */
  readonly messageId?: string;
  readonly type: string;
}

/** Any text as one subject token: bytes of its UTF-8 outside `[A-Za-z0-9_-]` become `%XX`, and `-` alone `%2D`. */
export function encodeToken(text: string): string {
  if (PLAIN.test(text)) return text === NO_AGGREGATE ? '%2D' : text;
  let token = '';
  for (const byte of encoder.encode(text)) {
    const char = String.fromCharCode(byte);
    token += PLAIN.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return token;
}

/** The text that {@link encodeToken} made `token` of, or undefined when it made no such token. */
export function decodeToken(token: string): string | undefined {
  if (PLAIN.test(token)) return token === NO_AGGREGATE ? undefined : token;
  const bytes: number[] = [];
  for (let i = 0; i < token.length; i++) {
    if (token[i] !== '%') {
      bytes.push(token.charCodeAt(i));
      continue;
    }
    bytes.push(Number.parseInt(token.slice(i + 1, i + 3), 16));
    i += 2;
  }
  try {
    const text = decoder.decode(Uint8Array.from(bytes));
    return text !== '' && encodeToken(text) === token ? text : undefined;
  } catch {
    return undefined;
  }
}

/** `<prefix>.<tenant>.<type>.<id>`: what all subjects of the aggregate begin with. */
export function aggregatePrefix(prefix: string, ref: ResolvedAggregateRef): string {
  return `${prefix}.${encodeToken(ref.tenantId)}.${encodeToken(ref.type)}.${encodeToken(ref.id)}`;
}

/** `<prefix>.<tenant>.-.-.<messageId>`: what the subject of an event without aggregate begins with. */
export function looseEventPrefix(prefix: string, tenantId: string, messageId: string): string {
  return `${prefix}.${encodeToken(tenantId)}.${NO_AGGREGATE}.${NO_AGGREGATE}.${encodeToken(messageId)}`;
}

/** The filter of everything under a prefix: the one form that expectations use. */
export function filterOf(prefix: string): string {
  return `${prefix}.>`;
}

/** The filter of one version, whatever its type. */
export function versionFilter(aggregatePrefix: string, version: number): string {
  return `${aggregatePrefix}.${version}.>`;
}

/** The version in a subject of an aggregate whose prefix is known. */
export function versionInSubject(subject: string, aggregatePrefix: string): number {
  const from = aggregatePrefix.length + 1;
  const to = subject.indexOf('.', from);
  return Number(subject.slice(from, to));
}

/** `idem.<STREAM>.<tenant>.<key>`: the marker of an idempotency key. */
export function idempotencySubject(idempotencyPrefix: string, tenantId: string, key: string): string {
  return `${idempotencyPrefix}.${encodeToken(tenantId)}.${encodeToken(key)}`;
}

/**
 * Which subjects a filter over the store means.
 *
 * @param filter `eventTypes` are exact types or patterns with `*` and a last `>`
 * @param versions only these; an event without aggregate whose message id is such a number is matched too
 * @returns one filter per type pattern and version; those without aggregate are matched too unless a type or id is named
 */
export function streamFilters(
  prefix: string,
  filter: {
    readonly tenantId?: string | undefined;
    readonly aggregateType?: string | undefined;
    readonly aggregateId?: string | undefined;
    readonly eventTypes?: readonly string[] | undefined;
  },
  versions?: readonly number[],
): readonly string[] {
  const token = (name: string | undefined): string => (name === undefined ? '*' : encodeToken(name));
  const head = `${prefix}.${token(filter.tenantId)}.${token(filter.aggregateType)}.${token(filter.aggregateId)}`;
  const places = versions?.map(String) ?? ['*'];
  const patterns = [...new Set(filter.eventTypes ?? ['>'])];
  const [pattern, ...others] = patterns;
  if (`${head}.${places[0]}` === `${prefix}.*.*.*.*` && pattern === '>' && others.length === 0)
    return [filterOf(prefix)];
  return places.flatMap((place) => patterns.map((type) => `${head}.${place}.${type}`));
}

/** Reads a subject back, or undefined when Annals writes no such subject. */
export function parseEventSubject(prefix: string, subject: string): EventSubject | undefined {
  if (!subject.startsWith(`${prefix}.`)) return undefined;
  const tokens = subject.slice(prefix.length + 1).split('.');
  if (tokens.length < 5) return undefined;
  const [tenant, aggregateType, aggregateId, place] = tokens as [string, string, string, string];
  const tenantId = decodeToken(tenant);
  const type = tokens.slice(4).join('.');
  if (tenantId === undefined) return undefined;
  if (aggregateType === NO_AGGREGATE && aggregateId === NO_AGGREGATE) {
    const messageId = decodeToken(place);
    return messageId === undefined ? undefined : { tenantId, messageId, type };
  }
  const decodedType = decodeToken(aggregateType);
  const decodedId = decodeToken(aggregateId);
  const version = /^[1-9]\d{0,15}$/.test(place) ? Number(place) : undefined;
  if (decodedType === undefined || decodedId === undefined || version === undefined) return undefined;
  return { tenantId, aggregateType: decodedType, aggregateId: decodedId, version, type };
}
