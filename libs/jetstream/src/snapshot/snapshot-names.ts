import type { ResolvedAggregateRef, SnapshotSelection } from '@annals/core';
import { decodeToken, encodeToken } from '../subject/subject-map.ts';

/** Storage names of snapshots. Changing one loses them: states are then folded from events until new ones are taken. */
export const SNAPSHOT_BUCKET = 'ANNALS_SNAPSHOTS';
/** The stream behind the bucket (ADR-8 of NATS). */
export const SNAPSHOT_STREAM = `KV_${SNAPSHOT_BUCKET}`;
const SUBJECT_PREFIX = `$KV.${SNAPSHOT_BUCKET}.`;

/** @param stream of the aggregate's events: stores in one account do not mix */
export function snapshotKey(stream: string, { tenantId, type, id }: ResolvedAggregateRef): string {
  return [stream, tenantId, type, id].map((part, i) => (i === 0 ? part : keyToken(part))).join('.');
}

/** The subjects of a selection's snapshots in one stream's part of the bucket. Parts of large ones do not match. */
export function snapshotFilter(stream: string, { tenantId, aggregateType }: SnapshotSelection): string {
  const token = (name: string | undefined): string => (name === undefined ? '*' : keyToken(name));
  return `${SUBJECT_PREFIX}${stream}.${token(tenantId)}.${token(aggregateType)}.*`;
}

/** The aggregate that a subject of the bucket's stream is about, or undefined. */
export function aggregateOfSubject(subject: string): ResolvedAggregateRef | undefined {
  const [, tenant, aggregateType, aggregateId, ...rest] = subject.slice(SUBJECT_PREFIX.length).split('.');
  const [tenantId, type, id] = [tenant, aggregateType, aggregateId].map((token) =>
    decodeToken((token ?? '').replaceAll('=', '%')),
  );
  if (rest.length > 0 || tenantId === undefined || type === undefined || id === undefined) return undefined;
  return { tenantId, type, id };
}

/** Keys of a bucket may hold `=` but no `%`. */
function keyToken(text: string): string {
  return encodeToken(text).replaceAll('%', '=');
}
