import { type Clock, KeptProcesses, type Logger, type ProcessStore } from '@annals/core';
import { Bucket } from '../bucket/bucket.ts';
import type { ReadDependencies } from '../read/aggregate-reader.ts';
import { streamState } from '../scan/stream-state.ts';
import { KvProcessRecords } from './kv-process-records.ts';
import { PROCESS_BUCKET } from './process-names.ts';

export interface ProcessesParts {
  readonly reading: Pick<ReadDependencies, 'channel' | 'topology'>;
  readonly store: Omit<ProcessStore, 'heads'>;
  /** Copies of the bucket. */
  readonly replicas: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly checkOpen: () => void;
}

/** The port, over a KV bucket that holds the instances. */
export function createProcesses(parts: ProcessesParts): KeptProcesses {
  const { reading, store, replicas, clock, logger, checkOpen } = parts;
  const { channel, topology } = reading;
  const bucket = new Bucket(channel.nc, PROCESS_BUCKET, { replicas, description: 'Annals: process managers' });
  const heads: ProcessStore['heads'] = () =>
    Promise.all(
      topology.bindings.map(async ({ name }) => ({
        stream: name,
        sequence: (await streamState(channel, name)).lastSequence,
      })),
    );
  const records = new KvProcessRecords(bucket, topology.defaultBinding.name);
  return new KeptProcesses({ store: { ...store, heads }, records, clock, logger, checkOpen });
}
