import { testProjection } from '@annals/testing';
import { vendorDirectory } from './vendor-directory.ts';

const created = (id: string, ownerId: string) => ({
  type: 'vendor.created',
  aggregateType: 'vendor',
  aggregateId: id,
  data: { vendorId: id, ownerId, name: `shop ${id}`, category: 'food' },
});
const later = (type: string, id: string, data: object) => ({ type, aggregateType: 'vendor', aggregateId: id, data });

describe('the directory of vendors', () => {
  it('lists the vendors of each owner', async () => {
    await testProjection(vendorDirectory)
      .given(created('v1', 'ada'), created('v2', 'bob'), created('v3', 'ada'))
      .expect({
        'owner:ada': [
          { id: 'v1', name: 'shop v1', category: 'food' },
          { id: 'v3', name: 'shop v3', category: 'food' },
        ],
        'owner:bob': [{ id: 'v2', name: 'shop v2', category: 'food' }],
        'vendor:v1': 'ada',
        'vendor:v2': 'bob',
        'vendor:v3': 'ada',
      });
  });

  it('follows changes, and forgets who closed', async () => {
    await testProjection(vendorDirectory)
      .given(created('v1', 'ada'), created('v2', 'ada'))
      .given(later('vendor.updated', 'v1', { name: 'bakery' }), later('vendor.deleted', 'v2', {}))
      .expect({ 'owner:ada': [{ id: 'v1', name: 'bakery', category: 'food' }], 'vendor:v1': 'ada' });
  });
});
