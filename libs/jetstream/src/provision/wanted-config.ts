import { DiscardPolicy, RetentionPolicy, StorageType, StoreCompression, type StreamConfig } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import type { StreamBinding } from '../topology/stream-binding.ts';
import type { Topology } from '../topology/topology.ts';
import { wantedMetadata } from './stream-metadata.ts';

/**
 * The store sends no message ids, so JetStream has nothing to remember; a long window would only cost memory for what
 * others send.
 */
export const DUPLICATE_WINDOW_MS = 1_000;

/** Named because the server allows 1,000 consumers a stream otherwise (2.15, error 10026). */
export const MAX_CONSUMERS = 100_000;

/**
 * How a stream of events has to be set up.
 *
 * - No limits and no `max_age`: the server would drop an aggregate's newest event, and its version with it. Retention is
 *   a sweep.
 * - `discard: new`: a full disk refuses appends instead of dropping events.
 * - `allow_msg_ttl` for idempotency markers, never `subject_delete_marker_ttl`: a delete marker would stand where an
 *   append expects nothing.
 */
export function wantedConfig(
  binding: StreamBinding,
  topology: Topology,
  replicas: number,
): Partial<StreamConfig> & { name: string } {
  return {
    name: binding.name,
    description: binding.isDefault
      ? 'Annals: events'
      : `Annals: events of ${binding.aggregateTypes.length} aggregate types`,
    subjects: [...binding.subjects],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.New,
    max_msgs: -1,
    max_bytes: -1,
    max_age: 0,
    max_msgs_per_subject: -1,
    max_msg_size: -1,
    max_consumers: MAX_CONSUMERS,
    num_replicas: replicas,
    duplicate_window: nanos(DUPLICATE_WINDOW_MS),
    compression: StoreCompression.S2,
    allow_direct: true,
    allow_atomic: true,
    allow_batched: true,
    allow_msg_ttl: true,
    metadata: { ...wantedMetadata(binding, topology) },
  };
}
