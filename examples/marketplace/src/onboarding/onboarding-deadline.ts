import { ONBOARDING_DEADLINE_MS } from './vendor-onboarding.process.ts';

const MAX_MS = 366 * 86_400_000;

/** Reads `ONBOARDING_DEADLINE_MS`: milliseconds that a new vendor has to become complete; 7 days. @throws Error */
export function readOnboardingDeadline(env: NodeJS.ProcessEnv): number {
  const text = env['ONBOARDING_DEADLINE_MS'];
  if (text === undefined || text === '') return ONBOARDING_DEADLINE_MS;
  const deadlineMs = Number(text);
  if (Number.isInteger(deadlineMs) && deadlineMs >= 100 && deadlineMs <= MAX_MS) return deadlineMs;
  throw new Error(`Wrong settings: ONBOARDING_DEADLINE_MS must be milliseconds from 100 to a year, not ${text}.`);
}
