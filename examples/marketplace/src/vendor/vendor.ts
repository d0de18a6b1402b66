import { defineAggregate } from '@annals/events';
import type { Happened } from '../aggregate/aggregate.ts';
import type { Location } from '../location/location.ts';
import type { VendorEvent, VendorProfile } from './vendor-events.ts';

/** A vendor as its events tell. */
export interface Vendor {
  readonly status: 'unknown' | 'active' | 'deleted';
  readonly ownerId: string | undefined;
  readonly profile: VendorProfile | undefined;
  readonly location: Location | undefined;
  readonly createdAt: string | undefined;
  readonly updatedAt: string | undefined;
}

export const vendorAggregate = defineAggregate<Vendor, Happened<VendorEvent>>({
  type: 'vendor',
  snapshots: { everyEvents: 100 },
  initialState: {
    status: 'unknown',
    ownerId: undefined,
    profile: undefined,
    location: undefined,
    createdAt: undefined,
    updatedAt: undefined,
  },
  evolve(vendor, event) {
    const updatedAt = event.timestamp;
    switch (event.type) {
      case 'vendor.created': {
        const { vendorId: _vendorId, ownerId, ...profile } = event.data;
        return { ...vendor, status: 'active', ownerId, profile, createdAt: event.timestamp, updatedAt };
      }
      case 'vendor.updated':
        return { ...vendor, profile: { ...(vendor.profile as VendorProfile), ...event.data }, updatedAt };
      case 'vendor.deleted':
        return { ...vendor, status: 'deleted', updatedAt };
      case 'vendor.location.updated':
        return { ...vendor, location: event.data, updatedAt };
      default:
        return vendor;
    }
  },
});
