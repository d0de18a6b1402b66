import type { StreamBinding } from '../topology/stream-binding.ts';
import type { Topology } from '../topology/topology.ts';

/** Storage names: what the store notes in a stream's metadata. Changing one is a migration. */
export const METADATA = {
  /** Version of the wire contract. */
  format: 'annals.format',
  /** The store that the stream belongs to, by the name of its default stream. */
  store: 'annals.store',
  /** The aggregate types that a dedicated stream was last given, as a JSON list. */
  aggregateTypes: 'annals.aggregate-types',
} as const;

/** Version of the wire contract that this library reads and writes. */
export const WIRE_FORMAT = '1';

/** The server takes 128 KiB of metadata a stream; longer lists are not noted. */
const MAX_TYPES_BYTES = 64 * 1024;

/** What a stream of this topology is marked with. */
export function wantedMetadata(binding: StreamBinding, topology: Topology): Readonly<Record<string, string>> {
  const types = JSON.stringify(binding.aggregateTypes);
  return {
    [METADATA.format]: WIRE_FORMAT,
    [METADATA.store]: topology.defaultBinding.name,
    ...(Buffer.byteLength(types) <= MAX_TYPES_BYTES && { [METADATA.aggregateTypes]: types }),
  };
}

/** The aggregate types that a stream was last given; empty when nothing is noted. */
export function notedAggregateTypes(metadata: Readonly<Record<string, string>> | undefined): readonly string[] {
  try {
    const types: unknown = JSON.parse(metadata?.[METADATA.aggregateTypes] ?? '[]');
    return Array.isArray(types) ? types.filter((type) => typeof type === 'string' && type !== '') : [];
  } catch {
    return [];
  }
}
