import type { Position, RecordedEvent } from '../event/event-message.ts';
import { ValidationError } from '../error/validation-error.ts';
import { advance, sequenceIn } from '../projection/checkpoint.ts';
import { matchesPattern } from '../read/event-pattern.ts';
import type { Process } from './define-process.ts';
import type { InstanceRef, KeptEffect, KeptInstance } from './kept-instance.ts';
import type { ProcessError } from './process-input.ts';
import { newInstance, processedEvent, react } from './react.ts';

/** An instance takes at most this many bytes as JSON, its pending effects and history included. */
export const MAX_INSTANCE_BYTES = 512 * 1024;

/**
 * An instance after a stored event, by the parts of it that belong to the instance.
 *
 * @param resuming true when an instance that stood still is tried again
 * @returns undefined when the event changes nothing
 */
export function afterEvent(
  process: Process,
  ref: InstanceRef,
  before: KeptInstance | undefined,
  parts: readonly RecordedEvent[],
  nowMs: number,
  resuming = false,
): KeptInstance | undefined {
  const { position } = parts[0]!;
  if (before && (before.endedAt !== undefined || sequenceIn(before.handled, position.stream) >= position.sequence))
    return undefined;
  if (before?.held && !resuming) return alsoHeld(before, position);
  let instance = before;
  try {
    for (const event of parts) {
      const isStart = process.startsOn.some((pattern) => matchesPattern(pattern, event.type));
      if (!instance && !isStart) continue;
      if (instance?.endedAt !== undefined) break;
      const current: KeptInstance = instance ?? newInstance(process, ref, event);
      const cause = { atMs: Date.parse(event.recordedAt), causationId: event.messageId };
      const next = react(process, current, { type: 'event', event }, cause);
      instance = next ? { ...next, lastEvent: processedEvent(event) } : instance;
    }
    if (!instance) return undefined;
    // An event that a mended release passes over lets the instance go on, too.
    const state = instance.endedAt === undefined ? 'started' : instance.state;
    return checkSize({ ...instance, state, handled: advance(instance.handled, position) });
  } catch (error) {
    const failed = before ?? newInstance(process, ref, parts[0]!);
    const others = (failed.held ?? []).filter(({ stream }) => stream !== position.stream);
    return standingStill({ ...failed, held: [...others, position] }, error, nowMs);
  }
}

/** An instance after those of its timers that are due. @returns undefined when none is */
export function afterTimers(process: Process, before: KeptInstance, nowMs: number): KeptInstance | undefined {
  if (before.endedAt !== undefined || before.held) return undefined;
  const now = new Date(nowMs).toISOString();
  const [timer] = before.timers.filter(({ at }) => at <= now).sort((a, b) => (a.at < b.at ? -1 : 1));
  if (!timer) return undefined;
  const { id, name, at, data, causationId } = timer;
  const rest = { ...before, timers: before.timers.filter((other) => other.id !== id) };
  try {
    const input = { type: 'timeout' as const, name, data, at };
    return checkSize(react(process, rest, input, { atMs: Date.parse(at), causationId }) ?? rest);
  } catch (error) {
    return standingStill({ ...before, held: [] }, error, nowMs);
  }
}

/** An instance whose first effect is done. @returns undefined when it was done already */
export function afterEffect(before: KeptInstance, done: KeptEffect): KeptInstance | undefined {
  const [effect, ...outbox] = before.outbox;
  if (effect?.id !== done.id) return undefined;
  if (effect.kind === 'compensate') {
    const undoing = [...before.undo].reverse().map(({ id, causationId, ...command }): KeptEffect => ({
      id: `${id}-undo`,
      attempts: 0,
      kind: 'undo',
      command,
      ...(causationId !== undefined && { causationId }),
    }));
    return { ...before, undo: [], outbox: [...undoing, ...outbox] };
  }
  const { error: _error, ...succeeded } = before;
  const after = before.state === 'started' ? succeeded : before;
  const { id, causationId } = effect;
  if (effect.kind === 'undo' || !effect.undo) return { ...after, outbox };
  const undo = { ...effect.undo, id, ...(causationId !== undefined && { causationId }) };
  return { ...after, outbox, undo: [...before.undo, undo] };
}

/** An instance whose first effect failed once more, to be tried again. */
export function afterAttempt(before: KeptInstance, tried: KeptEffect, error: ProcessError): KeptInstance | undefined {
  const [effect, ...outbox] = before.outbox;
  if (effect?.id !== tried.id) return undefined;
  return { ...before, error, outbox: [{ ...effect, attempts: effect.attempts + 1 }, ...outbox] };
}

/** An instance whose first effect failed for good: the process decides upon it, unless it is over. */
export function afterFailure(
  process: Process,
  before: KeptInstance,
  failed: KeptEffect,
  error: ProcessError,
  nowMs: number,
): KeptInstance | undefined {
  const [effect, ...outbox] = before.outbox;
  if (effect?.id !== failed.id || effect.kind === 'compensate') return undefined;
  const without = { ...before, outbox, error };
  if (before.endedAt !== undefined) return without;
  const { kind: of, causationId } = effect;
  const [name, data] =
    effect.kind === 'emit'
      ? [effect.part.events[0]?.type ?? '', effect.part]
      : [effect.command.name, effect.command.data];
  try {
    // What is compensated keeps the first effect, which is gone here.
    const marked = { ...without, outbox: [effect, ...outbox] };
    const next = react(process, marked, { type: 'failure', of, name, data, error }, { atMs: nowMs, causationId });
    return next ? checkSize({ ...next, outbox: next.outbox.slice(1) }) : without;
  } catch (thrown) {
    const stuck = { ...before, held: before.held ?? [], outbox: [{ ...effect, stuck: true as const }, ...outbox] };
    return standingStill(stuck, thrown, nowMs);
  }
}

/** An instance that stood still and has handled what waited. */
export function goingOn(before: KeptInstance): KeptInstance | undefined {
  if (!before.held || before.endedAt !== undefined) return undefined;
  const { held: _held, error: _error, ...rest } = before;
  const outbox = before.outbox.map(({ stuck: _stuck, ...effect }) => effect as KeptEffect);
  return { ...rest, state: 'started', outbox };
}

/** An instance that an operator ends: what it wanted done and was not done is dropped. */
export function endedByOperator(before: KeptInstance, reason: string, nowMs: number): KeptInstance {
  const at = new Date(nowMs).toISOString();
  const { held: _held, ...rest } = before;
  const step = before.steps + 1;
  const history = [...before.history.slice(-99), { step, at, input: 'operator', ended: reason }];
  return { ...rest, state: 'ended', endedAt: at, changedAt: at, reason, steps: step, timers: [], outbox: [], history };
}

export function processError(error: unknown, nowMs: number): ProcessError {
  const at = new Date(nowMs).toISOString();
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
  return { name, message: message.slice(0, 2_000), at };
}

function standingStill(instance: KeptInstance, error: unknown, nowMs: number): KeptInstance {
  const described = processError(error, nowMs);
  return { ...instance, state: 'failed', error: described, changedAt: described.at };
}

/** Events of other streams wait as well, and are found again by the first of them. */
function alsoHeld(before: KeptInstance, position: Position): KeptInstance | undefined {
  if (before.held!.some(({ stream }) => stream === position.stream)) return undefined;
  return { ...before, held: [...before.held!, position] };
}

function checkSize(instance: KeptInstance): KeptInstance {
  const bytes = Buffer.byteLength(JSON.stringify(instance));
  if (bytes <= MAX_INSTANCE_BYTES) return instance;
  const message = `takes ${bytes} bytes with its pending effects and history, at most ${MAX_INSTANCE_BYTES} are possible`;
  throw new ValidationError([{ path: 'state', message }]);
}
