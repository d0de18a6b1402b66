import type { ProcessBody, ProcessInstanceBody, ProcessInstanceSummaryBody } from '@annals/contract';
import type { ProcessInstance, ProcessInstanceSummary, ProcessStatus } from '@annals/core';

/** A process as the gateway answers with it. Absent fields are undefined here and left out of the JSON. */
export function processBody(status: ProcessStatus): ProcessBody {
  return {
    name: status.name,
    version: status.version,
    state: status.state,
    eventTypes: status.eventTypes,
    checkpoint: status.checkpoint,
    lagEvents: status.lagEvents,
    activeInstances: status.activeInstances,
    nextTimerAt: status.nextTimerAt,
    error: status.error,
  } as ProcessBody;
}

/** An instance as lists show it. */
export function instanceSummaryBody(instance: ProcessInstanceSummary): ProcessInstanceSummaryBody {
  return {
    process: instance.process,
    tenantId: instance.tenantId,
    key: instance.key,
    state: instance.state,
    since: instance.since,
    changedAt: instance.changedAt,
    endedAt: instance.endedAt,
    reason: instance.reason,
    lastEvent: instance.lastEvent,
    nextTimer: instance.nextTimer,
    pendingEffects: instance.pendingEffects,
    error: instance.error,
  } as ProcessInstanceSummaryBody;
}

/** An instance with all that is kept of it. */
export function instanceBody(instance: ProcessInstance): ProcessInstanceBody {
  const { data, version, timers, steps, history } = instance;
  return { ...instanceSummaryBody(instance), data, version, timers, steps, history };
}
