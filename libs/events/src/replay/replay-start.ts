import type { ReplayRequest } from '@annals/core';

/** A replay as a service starts it. */
export interface ReplayStart extends ReplayRequest {
  /** Events of every tenant; those of the filter's tenant unless given, or of the one that the service works in. */
  readonly allTenants?: boolean | undefined;
}

/** The store's request for what a caller of the service asks. */
export function toReplayRequest({ allTenants = false, ...request }: ReplayStart, tenantId: string): ReplayRequest {
  if (allTenants) return request;
  return { ...request, filter: { ...request.filter, tenantId: request.filter?.tenantId ?? tenantId } };
}
