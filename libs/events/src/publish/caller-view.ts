import {
  type AppendedEvent,
  type AppendResult,
  PayloadTooLarge,
  isAnnalsError,
  isValidationError,
  ValidationError,
} from '@annals/core';
import type { AppendPlan } from './append-plan.ts';

const IN_PART = /^parts\.(\d+)(?:\.(.*))?$/;
const IN_EVENT = /^events\.(\d+)(?:\.(.*))?$/;
const OF_THE_APPEND = /^(?:idempotencyKey|traceContext)\b/;

/** The result with its events in the order of the list that was published. */
export function resultInCallersOrder(result: AppendResult, plan: AppendPlan): AppendResult {
  if (plan.parts.length === 1) return result;
  const events: AppendedEvent[] = [];
  plan.indexes.flat().forEach((index, i) => {
    events[index] = result.events[i]!;
  });
  return { ...result, events };
}

/** The error as it must read to one who gave a list of events and knows nothing of parts. */
export function errorInCallersTerms(error: unknown, plan: AppendPlan, pathOf: (index: number) => string): unknown {
  if (isValidationError(error)) {
    return new ValidationError(
      error.errors.map(({ path, message }) => ({ path: callersPath(path, plan, pathOf), message })),
    );
  }
  if (isAnnalsError(error) && error.code === 'payload-too-large') {
    const { limitBytes, actualBytes, index } = error as PayloadTooLarge;
    return new PayloadTooLarge(limitBytes, actualBytes, plan.indexes.flat()[index] ?? index);
  }
  return error;
}

function callersPath(path: string, plan: AppendPlan, pathOf: (index: number) => string): string {
  if (path === '' || OF_THE_APPEND.test(path)) return path;
  const inPart = IN_PART.exec(path);
  const indexes = plan.indexes[inPart ? Number(inPart[1]) : 0] ?? [];
  const rest = inPart ? (inPart[2] ?? '') : path;
  const inEvent = IN_EVENT.exec(rest);
  const index = indexes[inEvent ? Number(inEvent[1]) : 0];
  if (index === undefined) return path;
  return [pathOf(index), inEvent ? (inEvent[2] ?? '') : rest].filter((piece) => piece !== '').join('.');
}
