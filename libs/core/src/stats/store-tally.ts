import { isReservedType } from '../event/event-type.ts';
import type { EventStats } from './event-stats.ts';
import { type CountedEvent, Tally } from './tally.ts';

/**
 * Counts over events, by tenant and over all: the fold that statistics are made of. Its size depends on how many tenants
 * and types there are, never on the number of events.
 */
export class StoreTally {
  private readonly whole = new Tally();
  private readonly tenants = new Map<string, Tally>();

  /** Counts one event; the store's own (`annals.*`) are passed over. */
  add(event: CountedEvent): void {
    if (isReservedType(event.type)) return;
    this.whole.add(event);
    this.ofTenant(event.tenantId).add(event);
  }

  /** Adds what another tally counted. */
  addAll(other: StoreTally): void {
    for (const [tenantId, tally] of other.tenants) this.addTenant(tenantId, tally);
  }

  /** Adds counts of one tenant. */
  addTenant(tenantId: string, tally: Tally): void {
    this.whole.addAll(tally);
    this.ofTenant(tenantId).addAll(tally);
  }

  /** The counts of every tenant that has any. */
  byTenant(): Iterable<readonly [string, Tally]> {
    return this.tenants;
  }

  /** The counts of a tenant, or of all when none is named; empty for an unknown tenant. */
  of(tenantId: string | undefined): Tally {
    return tenantId === undefined ? this.whole : (this.tenants.get(tenantId) ?? new Tally());
  }

  private ofTenant(tenantId: string): Tally {
    let tally = this.tenants.get(tenantId);
    if (!tally) this.tenants.set(tenantId, (tally = new Tally()));
    return tally;
  }
}

/**
 * One answer from the tallies of several streams.
 *
 * @param parts for each stream what was counted, and what of it is no longer stored
 */
export function statsOf(
  parts: readonly { readonly counted: StoreTally; readonly removed?: StoreTally | undefined }[],
  tenantId?: string,
): EventStats {
  if (parts.length === 1) return parts[0]!.counted.of(tenantId).toStats(parts[0]!.removed?.of(tenantId));
  const counted = new Tally();
  const removed = new Tally();
  for (const part of parts) {
    counted.addAll(part.counted.of(tenantId));
    if (part.removed) removed.addAll(part.removed.of(tenantId));
  }
  return counted.toStats(removed);
}
