import { type ValidationProblem, ValidationError } from '@annals/core';
import type { AddressRules, Lookup } from './guarded-lookup.ts';

/** How this process sends webhooks. */
export interface WebhookOptions {
  /** Signs every request, so that receivers know where it comes from; unsigned unless given. At least 16 characters. */
  readonly secret?: string | undefined;
  /** Lets webhooks go to private, loopback and link-local addresses too; false. */
  readonly allowPrivateAddresses?: boolean | undefined;
  /** Hosts that may be at such addresses: names or addresses as they stand in the URL. */
  readonly allowedHosts?: readonly string[] | undefined;
  /** Milliseconds that one request may take, redirects included; 10,000. */
  readonly timeoutMs?: number | undefined;
  /** How often an event is sent before it counts as failed; 5. */
  readonly attempts?: number | undefined;
  /** Milliseconds before the second attempt; each further one waits twice as long, at most a minute. 500. */
  readonly backoffMs?: number | undefined;
  /** Resolves names; `lookup` of `node:dns`. */
  readonly lookup?: Lookup | undefined;
}

/** Options with their defaults filled in. */
export interface WebhookSettings extends AddressRules {
  readonly secret: string | undefined;
  readonly timeoutMs: number;
  readonly attempts: number;
  readonly backoffMs: number;
}

const MIN_SECRET_CHARACTERS = 16;

/** @throws ValidationError with every problem */
export function webhookSettings(options: WebhookOptions): WebhookSettings {
  const { secret, allowPrivateAddresses = false, allowedHosts = [], lookup } = options;
  const { timeoutMs = 10_000, attempts = 5, backoffMs = 500 } = options;
  const problems: ValidationProblem[] = [];
  if (secret !== undefined && secret.length < MIN_SECRET_CHARACTERS) {
    problems.push({ path: 'secret', message: `must have at least ${MIN_SECRET_CHARACTERS} characters` });
  }
  const whole = (path: string, value: number, from: number, to: number): void => {
    if (Number.isSafeInteger(value) && value >= from && value <= to) return;
    problems.push({ path, message: `must be a whole number from ${from} to ${to}` });
  };
  whole('timeoutMs', timeoutMs, 1, 300_000);
  whole('attempts', attempts, 1, 20);
  whole('backoffMs', backoffMs, 0, 60_000);
  if (problems.length > 0) throw new ValidationError(problems);
  const hosts = new Set(allowedHosts.map((host) => host.toLowerCase()));
  return { secret, allowPrivateAddresses, allowedHosts: hosts, timeoutMs, attempts, backoffMs, lookup };
}
