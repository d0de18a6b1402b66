import { type Clock, KeptProjections, type Logger, type ProjectedStore } from '@annals/core';
import type { JetStreamManager } from '@nats-io/jetstream';
import { Bucket } from '../bucket/bucket.ts';
import type { ReadDependencies } from '../read/aggregate-reader.ts';
import { streamState } from '../scan/stream-state.ts';
import { KvDocuments } from './kv-documents.ts';
import { KvProjectionRecords } from './kv-projection-records.ts';
import { PROJECTION_BUCKET } from './projection-names.ts';

export interface ProjectionsParts {
  readonly jsm: JetStreamManager;
  readonly reading: Pick<ReadDependencies, 'channel' | 'topology'>;
  readonly store: Omit<ProjectedStore, 'heads'>;
  /** Copies of the bucket. */
  readonly replicas: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly checkOpen: () => void;
}

/** The port, over what the processes tell each other in a KV bucket. */
export function createProjections(parts: ProjectionsParts): KeptProjections {
  const { jsm, reading, store, replicas, clock, logger, checkOpen } = parts;
  const { channel, topology } = reading;
  const bucket = new Bucket(channel.nc, PROJECTION_BUCKET, { replicas, description: 'Annals: projections' });
  const heads: ProjectedStore['heads'] = () =>
    Promise.all(
      topology.bindings.map(async ({ name }) => ({
        stream: name,
        sequence: (await streamState(channel, name)).lastSequence,
      })),
    );
  const projected = {
    follow: store.follow.bind(store),
    readAll: store.readAll.bind(store),
    count: store.count.bind(store),
    heads,
  };
  const records = new KvProjectionRecords(bucket, topology.defaultBinding.name);
  const documents = new KvDocuments({ jsm, channel, store: topology.defaultBinding.name, replicas });
  return new KeptProjections({ store: projected, records, documents, clock, logger, checkOpen });
}
