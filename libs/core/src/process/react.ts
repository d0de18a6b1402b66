import { createHash } from 'node:crypto';
import { ValidationError } from '../error/validation-error.ts';
import type { NewEvent } from '../event/new-event.ts';
import type { RecordedEvent } from '../event/event-message.ts';
import { type CheckedDecision, checkDecision } from './check-decision.ts';
import type { Process } from './define-process.ts';
import type { InstanceRef, KeptEffect, KeptInstance } from './kept-instance.ts';
import type { ProcessInput } from './process-input.ts';
import type { ProcessStep, ProcessedEvent } from './process-instance.ts';

/** When an input counts as having come, and by what it was caused. */
export interface InputCause {
  readonly atMs: number;
  readonly causationId?: string | undefined;
}

const MAX_HISTORY = 100;
const MAX_TIMERS = 100;
const MAX_OUTBOX = 1_000;

/** An instance that nothing was decided for yet. */
export function newInstance(process: Process, ref: InstanceRef, event: RecordedEvent): KeptInstance {
  const { initialState } = process;
  const at = new Date(event.recordedAt).toISOString();
  const { stream, sequence } = event.position;
  const origin = JSON.stringify([process.name, ref.tenantId, ref.key, stream, sequence]);
  return {
    process: process.name,
    version: process.version,
    tenantId: ref.tenantId,
    key: ref.key,
    id: `prc-${createHash('sha256').update(origin).digest('base64url').slice(0, 27)}`,
    state: 'started',
    data: typeof initialState === 'function' ? (initialState as () => unknown)() : structuredClone(initialState),
    since: at,
    changedAt: at,
    keepMs: process.keepEndedMs,
    ...(event.correlationId !== undefined && { correlationId: event.correlationId }),
    handled: [],
    steps: 0,
    outbox: [],
    timers: [],
    undo: [],
    history: [],
  };
}

/**
 * What becomes of an instance upon an input. Changes nothing it is given.
 *
 * @returns undefined when the process has nothing to do
 * @throws what `handle` throws; ValidationError for a decision that cannot be
 */
export function react(
  process: Process,
  instance: KeptInstance,
  input: ProcessInput,
  { atMs, causationId }: InputCause,
): KeptInstance | undefined {
  const now = new Date(atMs).toISOString();
  const { tenantId, key, steps } = instance;
  const tools = { tenantId, key, now, isStart: steps === 0 };
  const decided = process.handle(currentState(process, instance), input, tools);
  const decision = checkDecision(process, input, decided ?? defaultDecision(input), atMs);
  return decision && apply(instance, process.version, decision, input, { now, causationId });
}

/** A failure that the process says nothing about ends the instance; one of a compensation is only told. */
function defaultDecision(input: ProcessInput) {
  if (input.type !== 'failure' || input.of === 'undo') return undefined;
  const reason = `${input.of} ${input.name} failed: ${input.error.message}`;
  return { compensate: true, end: { reason, as: 'failed' as const } };
}

function currentState(process: Process, { data, version, key }: KeptInstance): unknown {
  if (version === process.version) return data;
  if (version > process.version) {
    const message = `of instance ${key} has version ${version}, this release of process ${process.name} has ${process.version}`;
    throw new ValidationError([{ path: 'state', message }]);
  }
  return process.upgrade ? process.upgrade(data, version) : data;
}

function apply(
  instance: KeptInstance,
  version: number,
  decision: CheckedDecision<unknown>,
  input: ProcessInput,
  { now, causationId }: { readonly now: string; readonly causationId: string | undefined },
): KeptInstance {
  const step = instance.steps + 1;
  const caused = causationId === undefined ? {} : { causationId };
  const effects = effectsOf(instance, decision, step, caused);
  const replaced = new Set([...decision.cancel, ...decision.schedule.map(({ name }) => name)]);
  const timers = decision.end
    ? []
    : [
        ...instance.timers.filter(({ name }) => !replaced.has(name)),
        ...decision.schedule.map((timer, i) => ({ ...timer, ...caused, id: `${instance.id}-${step}-t${i}` })),
      ];
  // The first is being done, or was; what an earlier compensation is to undo stays.
  const kept = decision.compensate
    ? instance.outbox.filter(({ kind }, i) => i === 0 || kind === 'undo')
    : instance.outbox;
  const outbox = [...kept, ...effects];
  if (timers.length > MAX_TIMERS) refuse('schedule', `leads to ${timers.length} timers, at most ${MAX_TIMERS}`);
  if (outbox.length > MAX_OUTBOX) refuse('emit', `leads to ${outbox.length} pending effects, at most ${MAX_OUTBOX}`);
  const { error: _error, ...rest } = instance;
  return {
    ...rest,
    version,
    data: decision.state === undefined ? instance.data : decision.state,
    state: decision.end?.as ?? 'started',
    changedAt: now,
    ...(decision.end && { endedAt: now, reason: decision.end.reason }),
    ...(input.type === 'failure' && { error: input.error }),
    steps: step,
    timers,
    outbox,
    history: [...instance.history, stepOf(step, now, input, decision)].slice(-MAX_HISTORY),
  };
}

function effectsOf(
  instance: KeptInstance,
  decision: CheckedDecision<unknown>,
  step: number,
  caused: { readonly causationId?: string },
): KeptEffect[] {
  let index = 0;
  const about = () => ({ id: `${instance.id}-${step}-${index++}`, attempts: 0, ...caused });
  const effects: KeptEffect[] = [];
  if (decision.compensate) effects.push({ ...about(), kind: 'compensate' });
  for (const { aggregate, events, expectedVersion, undo } of decision.emit) {
    const kept = about();
    const source = { type: 'process', name: instance.process, id: instance.key };
    const filled = events.map((event, i): NewEvent => ({
      ...event,
      messageId: `${kept.id}-${i}`,
      source: event.source ?? source,
      ...('correlationId' in event || instance.correlationId === undefined
        ? {}
        : { correlationId: instance.correlationId }),
      ...('causationId' in event ? {} : caused),
    }));
    const part = {
      aggregate: { ...aggregate, tenantId: aggregate.tenantId ?? instance.tenantId },
      events: filled,
      ...(expectedVersion !== undefined && { expectedVersion }),
    };
    effects.push({ ...kept, kind: 'emit', part, ...(undo && { undo }) });
  }
  for (const { undo, ...command } of decision.commands) {
    effects.push({ ...about(), kind: 'command', command, ...(undo && { undo }) });
  }
  return effects;
}

function stepOf(step: number, at: string, input: ProcessInput, decision: CheckedDecision<unknown>): ProcessStep {
  const { emit, commands, schedule, cancel, compensate, end } = decision;
  const name = input.type === 'event' ? input.event.type : input.name;
  const names = (field: string, list: readonly string[]) => (list.length > 0 ? { [field]: list } : {});
  return {
    step,
    at,
    input: `${input.type} ${name}`,
    ...(input.type === 'event' && { event: processedEvent(input.event) }),
    ...names(
      'emitted',
      emit.flatMap(({ events }) => events.map(({ type }) => type)),
    ),
    ...names(
      'commands',
      commands.map((command) => command.name),
    ),
    ...names(
      'scheduled',
      schedule.map((timer) => timer.name),
    ),
    ...names('cancelled', cancel),
    ...(compensate && { compensated: true as const }),
    ...(end && { ended: end.reason }),
  };
}

/** What is kept of an event. */
export function processedEvent({ messageId, type, position }: RecordedEvent): ProcessedEvent {
  return { messageId, type, position };
}

function refuse(path: string, message: string): never {
  throw new ValidationError([{ path, message }]);
}
