import { isReservedType } from '../event/event-type.ts';
import type { Position } from '../event/event-message.ts';
import type { EventRegistry } from '../registry/event-registry.ts';
import { storedEvents } from '../registry/stored-events.ts';
import type { EventStore } from '../store/event-store.ts';
import type { WayToCurrent } from './upcaster.ts';

/** What is stored of one event type in one schema version. */
export interface StoredSchemaVersion {
  readonly eventType: string;
  readonly schemaVersion: number;
  /** How many events. */
  readonly count: number;
  /** Of the first and the last one, in the order of the log. */
  readonly first: Position;
  readonly last: Position;
  /** The version that is written today, of a type that the registry knows. */
  readonly currentVersion: number | undefined;
  /** `'no-way'`: reading such an event fails. */
  readonly way: WayToCurrent;
}

/** What to look at, and who is told how far it is. */
export interface AuditOptions {
  /** All tenants unless given. */
  readonly tenantId?: string | undefined;
  /** Told of the number of events read so far, every 10,000 events. */
  readonly onProgress?: ((events: number) => void) | undefined;
  /** Ends the audit with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What an audit found. */
export interface SchemaVersionAudit {
  /** Events read; the store's own (`annals.*`) are not. */
  readonly events: number;
  /** By event type and schema version. */
  readonly versions: readonly StoredSchemaVersion[];
  /** True when every stored event can be read as a current one. */
  readonly complete: boolean;
}

const PROGRESS_EVERY = 10_000;

/**
 * Which schema versions are stored, and whether each has a way to the current one. Reads the log once, from its beginning
 * to where it ends when the audit begins.
 *
 * @param store with a registry or without: the events are looked at as they are stored
 * @param registry whose migrations are asked; it need not be sealed
 * @throws what reading throws, and the signal's reason
 */
export async function auditSchemaVersions(
  store: EventStore,
  registry: Pick<EventRegistry, 'wayFrom' | 'currentVersion'>,
  { tenantId, onProgress, signal }: AuditOptions = {},
): Promise<SchemaVersionAudit> {
  const found = new Map<string, { count: number; readonly first: Position; last: Position }>();
  let events = 0;
  for await (const { type, schemaVersion, position } of storedEvents(store).store.readAll({ tenantId, signal })) {
    if (isReservedType(type)) continue;
    if (++events % PROGRESS_EVERY === 0) onProgress?.(events);
    const key = `${type} ${schemaVersion}`;
    const known = found.get(key);
    if (!known) {
      found.set(key, { count: 1, first: position, last: position });
      continue;
    }
    known.count++;
    known.last = position;
  }
  const versions = [...found].map(([key, counted]): StoredSchemaVersion => {
    const [eventType, version] = key.split(' ') as [string, string];
    const schemaVersion = Number(version);
    return {
      eventType,
      schemaVersion,
      ...counted,
      currentVersion: registry.currentVersion(eventType),
      way: registry.wayFrom(eventType, schemaVersion),
    };
  });
  return { events, versions: versions.sort(byTypeAndVersion), complete: versions.every(({ way }) => way !== 'no-way') };
}

function byTypeAndVersion(a: StoredSchemaVersion, b: StoredSchemaVersion): number {
  if (a.eventType !== b.eventType) return a.eventType < b.eventType ? -1 : 1;
  return a.schemaVersion - b.schemaVersion;
}
