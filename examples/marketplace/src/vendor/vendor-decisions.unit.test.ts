import { initialStateOf } from '@annals/core';
import * as decide from './vendor-decisions.ts';
import type { VendorEvent } from './vendor-events.ts';
import { vendorAggregate, type Vendor } from './vendor.ts';

const bakery = { name: 'Berg Bakery', category: 'food' };
const square = { lat: 48.2, long: 16.37 };
const created: VendorEvent = { type: 'vendor.created', data: { vendorId: 'v-1', ownerId: 'u-1', ...bakery } };
const moved: VendorEvent = { type: 'vendor.location.updated', data: square };
const deleted: VendorEvent = { type: 'vendor.deleted', data: {} };

function given(...events: readonly VendorEvent[]): Vendor {
  return events.reduce(
    (vendor, event, index) =>
      vendorAggregate.evolve(vendor, { ...event, timestamp: `2025-01-0${index + 1}T00:00:00Z` }),
    initialStateOf(vendorAggregate),
  );
}

describe('a vendor', () => {
  it('is what its events tell', () => {
    expect(given(created, moved, { type: 'vendor.updated', data: { category: 'bakery' } })).toEqual({
      status: 'active',
      ownerId: 'u-1',
      profile: { ...bakery, category: 'bakery' },
      location: square,
      createdAt: '2025-01-01T00:00:00Z',
      updatedAt: '2025-01-03T00:00:00Z',
    });
  });

  it('is created and placed by one decision', () => {
    expect(decide.createVendor(given(), 'v-1', 'u-1', bakery, square)).toEqual({ events: [created, moved] });
    expect(decide.createVendor(given(), 'v-1', 'u-1', bakery)).toEqual({ events: [created] });
    expect(decide.createVendor(given(created), 'v-1', 'u-1', bakery)).toMatchObject({
      rejection: { kind: 'conflict', code: 'vendor-exists' },
    });
  });

  it('changes only by what is different', () => {
    expect(decide.updateVendor(given(created), 'v-1', { ...bakery, description: 'Bread' })).toEqual({
      events: [{ type: 'vendor.updated', data: { description: 'Bread' } }],
    });
    expect(decide.updateVendor(given(created), 'v-1', bakery)).toEqual({ events: [] });
    expect(decide.moveVendor(given(created), 'v-1', square)).toEqual({ events: [moved] });
    expect(decide.moveVendor(given(created, moved), 'v-1', square)).toEqual({ events: [] });
  });

  it('is deleted once, and then refuses everything else', () => {
    expect(decide.deleteVendor(given(created), 'v-1', 'retired')).toEqual({
      events: [{ type: 'vendor.deleted', data: { reason: 'retired' } }],
    });
    const gone = given(created, deleted);
    expect(decide.deleteVendor(gone, 'v-1')).toEqual({ events: [] });
    for (const decision of [decide.updateVendor(gone, 'v-1', { name: 'x' }), decide.moveVendor(gone, 'v-1', square)]) {
      expect(decision).toMatchObject({ rejection: { kind: 'gone', code: 'vendor-deleted' } });
    }
  });

  it('must exist for everything but being created', () => {
    for (const decision of [
      decide.updateVendor(given(), 'v-1', { name: 'x' }),
      decide.moveVendor(given(), 'v-1', square),
      decide.deleteVendor(given(), 'v-1'),
    ]) {
      expect(decision).toMatchObject({ rejection: { kind: 'not-found', code: 'vendor-not-found' } });
    }
  });
});
