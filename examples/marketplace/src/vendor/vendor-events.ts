import type { DomainEvent } from '../aggregate/decision.ts';
import type { Location } from '../location/location.ts';

/** What a vendor shows its customers. */
export interface VendorProfile {
  readonly name: string;
  readonly category: string;
  readonly description?: string;
}

export type VendorEvent =
  | DomainEvent<'vendor.created', VendorProfile & { readonly vendorId: string; readonly ownerId: string }>
  | DomainEvent<'vendor.updated', Partial<VendorProfile>>
  | DomainEvent<'vendor.deleted', { readonly reason?: string }>
  | DomainEvent<'vendor.location.updated', Location>;
