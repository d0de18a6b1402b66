import {
  DEFAULT_TENANT,
  type EventSource,
  ValidationError,
  type ValidationProblem,
  nameProblem,
  subscriptionNameProblem,
} from '@annals/core';
import type { FeatureOption, FeatureOptions } from '../feature/feature-disabled.ts';
import type { EventsOptions } from './events-options.ts';

/** What the service needs of the module's options, with all defaults filled in. */
export interface ServiceOptions extends Required<FeatureOptions> {
  readonly tenantId: string;
  /** The tenant that the module is confined to; undefined: none. */
  readonly ownTenantId: string | undefined;
  /** Undefined when nothing names the service. */
  readonly serviceName: string | undefined;
  readonly shutdownTimeoutMs: number;
  readonly source: EventSource | undefined;
  /** Undefined: for ever. */
  readonly eventRetentionDays: number | undefined;
}

export const DEFAULT_SHUTDOWN_TIMEOUT_MS = 10_000;
const MAX_SHUTDOWN_TIMEOUT_MS = 24 * 60 * 60_000;

/** The longest retention that can be asked for: a hundred years. */
export const MAX_RETENTION_DAYS = 36_525;

/**
 * Checks the service's options and fills in their defaults.
 *
 * @throws ValidationError with every problem
 */
export function resolveServiceOptions(options: EventsOptions): ServiceOptions {
  const problems: ValidationProblem[] = [];
  const tenantId = options.tenantId ?? DEFAULT_TENANT;
  const tenantProblem = nameProblem(tenantId);
  if (tenantProblem) problems.push({ path: 'tenantId', message: tenantProblem });
  const { source, serviceName, eventRetentionDays: days } = options;
  const shutdownTimeoutMs = options.shutdownTimeoutMs ?? DEFAULT_SHUTDOWN_TIMEOUT_MS;
  if (source !== undefined && (typeof source !== 'object' || source === null)) {
    problems.push({ path: 'source', message: 'must be an object with type, id and name' });
  }
  if (serviceName !== undefined) {
    const problem = subscriptionNameProblem(serviceName);
    if (problem) problems.push({ path: 'serviceName', message: problem });
  }
  if (!(Number.isFinite(shutdownTimeoutMs) && shutdownTimeoutMs >= 0 && shutdownTimeoutMs <= MAX_SHUTDOWN_TIMEOUT_MS)) {
    const message = `must be a number of milliseconds from 0 to ${MAX_SHUTDOWN_TIMEOUT_MS}`;
    problems.push({ path: 'shutdownTimeoutMs', message });
  }
  if (days !== undefined && !(typeof days === 'number' && days > 0 && days <= MAX_RETENTION_DAYS)) {
    problems.push({
      path: 'eventRetentionDays',
      message: `must be a number of days above 0 and up to ${MAX_RETENTION_DAYS}; leave it out to keep events for ever`,
    });
  }
  const feature = (option: FeatureOption): boolean => {
    const value: unknown = options[option] ?? true;
    if (typeof value === 'boolean') return value;
    problems.push({ path: option, message: 'must be true or false' });
    return true;
  };
  const resolved = {
    tenantId,
    ownTenantId: options.tenantId,
    serviceName: serviceName ?? source?.name,
    shutdownTimeoutMs,
    source,
    eventRetentionDays: days,
    enableAuditLog: feature('enableAuditLog'),
    enableEventReplay: feature('enableEventReplay'),
    enableStateReconstruction: feature('enableStateReconstruction'),
  };
  if (problems.length > 0) throw new ValidationError(problems);
  return resolved;
}
