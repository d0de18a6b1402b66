import { resolveServiceOptions } from './service-options.ts';

describe('Event Sourcing: options of the service', () => {
  it('have the documented defaults', () => {
    expect(resolveServiceOptions({})).toEqual({
      tenantId: 'default',
      ownTenantId: undefined,
      serviceName: undefined,
      shutdownTimeoutMs: 10_000,
      source: undefined,
      eventRetentionDays: undefined,
      enableAuditLog: true,
      enableEventReplay: true,
      enableStateReconstruction: true,
    });
  });

  it('name the service by its source unless it has a name', () => {
    const source = { name: 'users' };
    expect(resolveServiceOptions({ source }).serviceName).toBe('users');
    expect(resolveServiceOptions({ source, serviceName: 'accounts' }).serviceName).toBe('accounts');
  });

  it('are refused all at once, each by its name', () => {
    const wrong = {
      tenantId: '',
      source: 'users' as never,
      serviceName: 'the users',
      shutdownTimeoutMs: -1,
      eventRetentionDays: 0,
      enableAuditLog: 'false' as never,
    };
    expect(() => resolveServiceOptions(wrong)).toThrow(
      expect.objectContaining({
        code: 'validation-failed',
        errors: [
          expect.objectContaining({ path: 'tenantId' }),
          expect.objectContaining({ path: 'source' }),
          expect.objectContaining({ path: 'serviceName' }),
          expect.objectContaining({ path: 'shutdownTimeoutMs' }),
          expect.objectContaining({ path: 'eventRetentionDays' }),
          expect.objectContaining({ path: 'enableAuditLog' }),
        ],
      }),
    );
  });

  it.each([-1, 0, Number.NaN, Infinity, 36_526, '30'])('take no retention of %s days', (eventRetentionDays) => {
    const options = { eventRetentionDays: eventRetentionDays as number };
    expect(() => resolveServiceOptions(options)).toThrow(/eventRetentionDays must be a number of days/);
  });

  it.each([30, 0.5, 36_525])('take a retention of %s days', (eventRetentionDays) => {
    expect(resolveServiceOptions({ eventRetentionDays }).eventRetentionDays).toBe(eventRetentionDays);
  });
});
