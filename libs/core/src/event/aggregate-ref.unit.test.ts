import { describe, expect, it } from '@jest/globals';
import { describeAggregate, resolveAggregateRef } from '../index.ts';

describe('an aggregate reference', () => {
  it('is in the tenant "default" unless it names one', () => {
    expect(resolveAggregateRef({ type: 'order', id: '1' })).toEqual({ tenantId: 'default', type: 'order', id: '1' });
    expect(resolveAggregateRef({ type: 'order', id: '1', tenantId: 'acme' }).tenantId).toBe('acme');
    expect(resolveAggregateRef({ type: 'order', id: '1', tenantId: '' }).tenantId).toBe('');
  });

  it('is shown as tenant, type and id', () => {
    expect(describeAggregate({ type: 'order', id: '1' })).toBe('default/order/1');
  });
});
