import { testProcess } from '@annals/testing';
import { readOnboardingDeadline } from './onboarding-deadline.ts';
import { ONBOARDING_DEADLINE_MS, vendorOnboarding } from './vendor-onboarding.process.ts';

const created = {
  type: 'vendor.created',
  data: { vendorId: 'v1', ownerId: 'u1', name: 'Berg Bakery', category: 'food' },
};
const placed = { type: 'vendor.location.updated', data: { lat: 48.2, long: 16.37 } };
const described = { type: 'vendor.updated', data: { description: 'bread' } };

describe('the onboarding of a vendor', () => {
  const onboarding = testProcess(vendorOnboarding());

  it('gives a new vendor a reminder and a deadline', () => {
    onboarding.when(created).then({
      schedules: [
        { name: 'reminder', afterMs: ONBOARDING_DEADLINE_MS / 2 },
        { name: 'deadline', afterMs: ONBOARDING_DEADLINE_MS },
      ],
    });
  });

  it('ends when the vendor has a place and a description, whichever comes first', () => {
    onboarding.given(created, placed).when(described).then({ ends: 'complete' });
    onboarding.given(created, described).when(placed).then({ ends: 'complete' });
    const whole = { ...created, data: { ...created.data, description: 'bread' } };
    onboarding.given(whole).when(placed).then({ ends: 'complete' });
  });

  it('goes on while something is missing', () => {
    onboarding.given(created).when(placed).then({}).expect({ hasPlace: true, hasDescription: false });
    onboarding
      .given(created)
      .when({ type: 'vendor.updated', data: { name: 'Tal Bakery' } })
      .then({});
  });

  it('reminds of what is missing at half of the time', () => {
    onboarding
      .given(created, placed)
      .when({ timeout: 'reminder' })
      .then({ emits: [{ type: 'onboarding.reminded', data: { vendorId: 'scenario', missing: ['description'] } }] });
  });

  it('closes the vendor at the deadline', () => {
    onboarding
      .given(created, { timeout: 'reminder' })
      .when({ timeout: 'deadline' })
      .then({
        commands: [{ name: 'closeVendor', data: { missing: ['location', 'description'] } }],
        ends: 'not complete in time',
      });
  });

  it('ends with the vendor', () => {
    onboarding.given(created).when({ type: 'vendor.deleted', data: {} }).then({ ends: 'the vendor was deleted' });
  });
});

describe('ONBOARDING_DEADLINE_MS', () => {
  it('is 7 days unless given', () => {
    expect(readOnboardingDeadline({})).toBe(7 * 86_400_000);
    expect(readOnboardingDeadline({ ONBOARDING_DEADLINE_MS: '1500' })).toBe(1_500);
  });

  it.each(['0', '-1', '1.5', 'soon', '1e99'])('is refused as %s', (text) => {
    expect(() => readOnboardingDeadline({ ONBOARDING_DEADLINE_MS: text })).toThrow(/ONBOARDING_DEADLINE_MS must be/);
  });
});
