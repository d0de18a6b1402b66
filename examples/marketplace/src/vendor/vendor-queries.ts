import type { Vendor } from './vendor.ts';

/** Pattern of the query for vendors by id; its data is `{ ids }`. */
export const FIND_VENDORS = 'vendors.find';

/** A vendor as a query tells. */
export type FoundVendor = Pick<Vendor, 'status' | 'ownerId' | 'profile' | 'location'> & { readonly id: string };
