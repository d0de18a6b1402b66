import { defineProcess, type Process, type ProcessDecision } from '@annals/events';
import type { VendorProfile } from '../vendor/vendor-events.ts';

/** What is known of a vendor that has to become complete. */
export interface Onboarding {
  readonly hasPlace: boolean;
  readonly hasDescription: boolean;
}

/** What a vendor lacks. */
export type Missing = 'location' | 'description';

/** Data of the command `closeVendor`. */
export interface CloseVendor {
  readonly missing: readonly Missing[];
}

const DAY_MS = 86_400_000;
export const ONBOARDING_DEADLINE_MS = 7 * DAY_MS;

/**
 * A vendor that was created must get a place and a description within the deadline. It is reminded at half of it, and
 * closed at the end of it.
 */
export function vendorOnboarding(deadlineMs: number = ONBOARDING_DEADLINE_MS): Process<Onboarding> {
  return defineProcess<Onboarding>({
    name: 'vendor-onboarding',
    startsOn: ['vendor.created'],
    reactsTo: ['vendor.updated', 'vendor.location.updated', 'vendor.deleted'],
    correlate: ({ aggregateId }) => aggregateId,
    initialState: { hasPlace: false, hasDescription: false },
    commands: ['closeVendor'],
    handle(state, input, { key, isStart }): ProcessDecision<Onboarding> | undefined {
      if (input.type === 'failure') return undefined;
      if (input.type === 'timeout') return input.name === 'reminder' ? remind(key, state) : close(state);
      const { type, data } = input.event;
      if (type === 'vendor.deleted') return { end: 'the vendor was deleted' };
      const next = {
        hasPlace: state.hasPlace || type === 'vendor.location.updated',
        hasDescription: state.hasDescription || Boolean((data as Partial<VendorProfile>).description),
      };
      if (missing(next).length === 0) return { state: next, end: 'complete' };
      if (!isStart) return { state: next };
      return {
        state: next,
        schedule: [
          { name: 'reminder', afterMs: deadlineMs / 2 },
          { name: 'deadline', afterMs: deadlineMs },
        ],
      };
    },
  });
}

/** An aggregate of its own: a reminder is nothing that happens to the vendor. */
function remind(vendorId: string, state: Onboarding): ProcessDecision<Onboarding> {
  const data = { vendorId, missing: missing(state) };
  return { emit: { aggregate: { type: 'onboarding', id: vendorId }, events: { type: 'onboarding.reminded', data } } };
}

function close(state: Onboarding): ProcessDecision<Onboarding> {
  return { commands: { name: 'closeVendor', data: { missing: missing(state) } }, end: 'not complete in time' };
}

function missing({ hasPlace, hasDescription }: Onboarding): readonly Missing[] {
  return [...(hasPlace ? [] : (['location'] as const)), ...(hasDescription ? [] : (['description'] as const))];
}
