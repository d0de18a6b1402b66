import type { ProjectionBody } from '@annals/contract';
import type { ProjectionStatus } from '@annals/core';

/** A projection as the gateway answers with it. Absent fields are undefined here and left out of the JSON. */
export function projectionBody(status: ProjectionStatus): ProjectionBody {
  return {
    name: status.name,
    version: status.version,
    state: status.state,
    generation: status.generation,
    checkpoint: status.checkpoint,
    head: status.head,
    lagEvents: status.lagEvents,
    lagMs: status.lagMs,
    ratePerSecond: status.ratePerSecond,
    handled: status.handled,
    lastError: status.lastError,
    rebuild: status.rebuild,
    updatedAt: status.updatedAt,
  } as ProjectionBody;
}
