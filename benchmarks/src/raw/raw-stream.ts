import {
  DiscardPolicy,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  StoreCompression,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { SAMPLE_AGGREGATE_TYPE } from '../event/sample-event.ts';

/** The stream of the raw client. */
export const RAW_STREAM = 'RAW';

const PREFIX = `raw.default.${SAMPLE_AGGREGATE_TYPE}`;

/** The subject of one event; the version is in it, so that an aggregate can be read by direct get. */
export function rawSubject(aggregateId: string, version: number, eventType: string): string {
  return `${PREFIX}.${aggregateId}.${version}.${eventType}`;
}

/** All events of an aggregate, or its event of one version. */
export function rawFilter(aggregateId: string, version?: number): string {
  return version === undefined ? `${PREFIX}.${aggregateId}.>` : `${PREFIX}.${aggregateId}.${version}.>`;
}

/** The version that a subject names. */
export function rawVersion(subject: string): number {
  return Number(subject.split('.', 5)[4]);
}

/** Makes the stream if there is none, set up as the library sets up its own: only the client is compared. */
export async function provisionRawStream(jsm: JetStreamManager, replicas: number): Promise<void> {
  await jsm.streams.add({
    name: RAW_STREAM,
    subjects: ['raw.>'],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.New,
    num_replicas: replicas,
    duplicate_window: nanos(1_000),
    compression: StoreCompression.S2,
    allow_direct: true,
    allow_atomic: true,
  });
}
