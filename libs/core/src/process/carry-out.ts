import { isAnnalsError } from '../error/annals-error.ts';
import type { EventStore } from '../store/event-store.ts';
import type { CheckedRun } from './check-run.ts';
import type { Process } from './define-process.ts';
import type { KeptEffect, KeptInstance } from './kept-instance.ts';
import type { CommandContext, CommandHandler } from './processes.ts';

/**
 * What became of an effect.
 *
 * - `'again'`: the attempt failed, and counts;
 * - `'wait'`: the store cannot take it now, which does not count;
 * - `'failed'`: it failed for good;
 * - `'abandoned'`: the stop did not wait, nothing is known of it.
 */
export type EffectOutcome =
  | { readonly type: 'done' }
  | { readonly type: 'abandoned' }
  | { readonly type: 'again' | 'wait' | 'failed'; readonly error: unknown };

export interface CarryingOut {
  readonly store: Pick<EventStore, 'appendAll'>;
  readonly process: Process;
  readonly run: CheckedRun;
  /** Aborted when nothing waits for commands any more. */
  readonly abandon: AbortSignal;
}

const DONE = { type: 'done' } as const;
const ABANDONED = { type: 'abandoned' } as const;

/** Makes one attempt at an effect of an instance. Never rejects. */
export async function carryOut(parts: CarryingOut, instance: KeptInstance, effect: KeptEffect): Promise<EffectOutcome> {
  switch (effect.kind) {
    case 'compensate':
      return DONE;
    case 'emit':
      return append(parts, effect.part);
    default:
      return call(parts, instance, effect);
  }
}

async function append(
  { store, process }: CarryingOut,
  part: Extract<KeptEffect, { kind: 'emit' }>['part'],
): Promise<EffectOutcome> {
  try {
    // The ids are those of the first attempt, so what landed before answers with its first result.
    await store.appendAll([process.checkEmitted ? await process.checkEmitted(part) : part]);
    return DONE;
  } catch (error) {
    const isPassing = isAnnalsError(error) && (error.retryable || error.code === 'store-closed');
    return { type: isPassing ? 'wait' : 'failed', error };
  }
}

async function call(
  { process, run, abandon }: CarryingOut,
  instance: KeptInstance,
  effect: Extract<KeptEffect, { kind: 'command' | 'undo' }>,
): Promise<EffectOutcome> {
  const { name, data } = effect.command;
  const handler = run.commands[name] as CommandHandler | undefined;
  // An older release wanted it.
  if (!handler) return { type: 'failed', error: new Error(`process ${process.name} is run without command ${name}`) };
  const controller = new AbortController();
  const context: CommandContext = {
    process: process.name,
    key: instance.key,
    tenantId: instance.tenantId,
    command: name,
    idempotencyId: effect.id,
    attempt: effect.attempts + 1,
    ...(instance.correlationId !== undefined && { correlationId: instance.correlationId }),
    ...(effect.causationId !== undefined && { causationId: effect.causationId }),
    signal: controller.signal,
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  let onAbandon: (() => void) | undefined;
  try {
    const outside = new Promise<EffectOutcome>((resolve) => {
      const error = new Error(`command ${name} took longer than ${run.commandTimeoutMs} ms`);
      timer = setTimeout(() => {
        resolve(failedAttempt(error, effect, run));
        controller.abort(error);
      }, run.commandTimeoutMs);
      onAbandon = () => {
        resolve(ABANDONED);
        controller.abort(abandon.reason);
      };
      if (abandon.aborted) onAbandon();
      else abandon.addEventListener('abort', onAbandon);
    });
    const called = (async () => handler(data as never, context))().then(
      () => DONE,
      (error: unknown) => failedAttempt(error, effect, run),
    );
    return await Promise.race([outside, called]);
  } finally {
    clearTimeout(timer);
    if (onAbandon) abandon.removeEventListener('abort', onAbandon);
  }
}

function failedAttempt(error: unknown, effect: KeptEffect, { maxAttempts }: CheckedRun): EffectOutcome {
  const isRejected = error instanceof Error && error.name === 'CommandRejected';
  return { type: isRejected || effect.attempts + 1 >= maxAttempts ? 'failed' : 'again', error };
}
