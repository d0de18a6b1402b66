import { changedFields } from '../aggregate/changed-fields.ts';
import { accept, reject, type Decision } from '../aggregate/decision.ts';
import { isSameLocation, type Location } from '../location/location.ts';
import type { VendorEvent, VendorProfile } from './vendor-events.ts';
import type { Vendor } from './vendor.ts';

type VendorDecision = Decision<VendorEvent>;

/** A vendor that opens somewhere is created and placed by one append: both events or none. */
export function createVendor(
  vendor: Vendor,
  id: string,
  ownerId: string,
  profile: VendorProfile,
  location?: Location,
): VendorDecision {
  if (vendor.status !== 'unknown') return reject('conflict', 'vendor-exists', `There is a vendor ${id} already.`);
  const created = { type: 'vendor.created', data: { vendorId: id, ownerId, ...profile } } as const;
  return location
    ? accept<VendorEvent>(created, { type: 'vendor.location.updated', data: location })
    : accept<VendorEvent>(created);
}

export function updateVendor(vendor: Vendor, id: string, changes: Partial<VendorProfile>): VendorDecision {
  return (
    absent(vendor, id) ?? {
      events: changedFields(vendor.profile, changes).map((data) => ({ type: 'vendor.updated', data })),
    }
  );
}

/** Deleting twice is the same as deleting once. */
export function deleteVendor(vendor: Vendor, id: string, reason?: string): VendorDecision {
  if (vendor.status === 'deleted') return accept();
  return absent(vendor, id) ?? accept({ type: 'vendor.deleted', data: reason === undefined ? {} : { reason } });
}

export function moveVendor(vendor: Vendor, id: string, location: Location): VendorDecision {
  const refused = absent(vendor, id);
  if (refused) return refused;
  if (isSameLocation(vendor.location, location)) return accept();
  return accept({ type: 'vendor.location.updated', data: location });
}

/** The rejection of whatever needs a living vendor, or undefined. */
export function absent(vendor: Vendor, id: string): ReturnType<typeof reject> | undefined {
  if (vendor.status === 'unknown') return reject('not-found', 'vendor-not-found', `There is no vendor ${id}.`);
  if (vendor.status === 'deleted') return reject('gone', 'vendor-deleted', `Vendor ${id} was deleted.`);
  return undefined;
}
