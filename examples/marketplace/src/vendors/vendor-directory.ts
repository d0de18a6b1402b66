import { type DocumentContext, defineProjection } from '@annals/events';
import type { Happened } from '../aggregate/aggregate.ts';
import type { VendorEvent } from '../vendor/vendor-events.ts';

/** A vendor as its owner's list shows it. */
export interface ListedVendor {
  readonly id: string;
  readonly name: string;
  readonly category: string;
}

/** The key of an owner's list of vendors; the others hold whose a vendor is. */
export function ownerKey(ownerId: string): string {
  return `owner:${ownerId}`;
}

/** Which vendors an owner has: a question across aggregates, which no aggregate can answer. */
export const vendorDirectory = defineProjection<DocumentContext>({
  name: 'vendor-directory',
  aggregateType: 'vendor',
  eventTypes: ['vendor.created', 'vendor.updated', 'vendor.deleted'],
  async handle(recorded, documents) {
    const event = recorded as Happened<VendorEvent>;
    const id = recorded.aggregateId!;
    if (event.type === 'vendor.created') documents.put(`vendor:${id}`, event.data.ownerId);
    const ownerId = await documents.get<string>(`vendor:${id}`);
    if (ownerId === undefined) return;
    const vendors = (await documents.get<ListedVendor[]>(ownerKey(ownerId))) ?? [];
    const others = vendors.filter((vendor) => vendor.id !== id);
    const known = vendors.find((vendor) => vendor.id === id);
    switch (event.type) {
      case 'vendor.created':
      case 'vendor.updated': {
        const { name = known?.name, category = known?.category } = event.data;
        documents.put(ownerKey(ownerId), [...others, { id, name, category }]);
        break;
      }
      case 'vendor.deleted':
        documents.put(ownerKey(ownerId), others);
        documents.delete(`vendor:${id}`);
    }
  },
});
