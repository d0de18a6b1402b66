import { type AggregateRef, type RecordedEvent, ReducerFailed } from '@annals/core';

/**
 * A state as JSON has it: without functions, dates as text.
 *
 * @param event the last one in the state, which the failure names
 * @throws ReducerFailed for a state that JSON cannot hold
 */
export function jsonState(aggregate: AggregateRef, event: RecordedEvent, state: unknown): unknown {
  let json: string | undefined;
  try {
    json = JSON.stringify(state);
  } catch (cause) {
    throw new ReducerFailed(aggregate, event, 'JSON cannot hold the state that it returned', { cause });
  }
  if (json === undefined) throw new ReducerFailed(aggregate, event, 'it returned nothing that JSON can hold');
  return JSON.parse(json) as unknown;
}
