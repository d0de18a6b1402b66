import { type AggregateDefinition, defineAggregate, initialStateOf, isValidationError } from '@annals/core';
import type { AnyAggregate } from './state-module.ts';

/** An aggregate as a module may give it: as it is defined for a service, or with a `reducer` alone. */
type GivenAggregate = Partial<AggregateDefinition<unknown>> & { readonly reducer?: unknown };

/**
 * Reads what a module exports as `aggregates`: a list of definitions, or an object of them by type.
 *
 * @param problems what is wrong is added here
 */
export function readAggregates(value: unknown, problems: string[]): ReadonlyMap<string, AnyAggregate> {
  const aggregates = new Map<string, AnyAggregate>();
  if (value === undefined) return aggregates;
  if (typeof value !== 'object' || value === null) {
    problems.push('exports aggregates that are neither a list nor an object by type');
    return aggregates;
  }
  for (const [key, given] of Object.entries(value)) {
    const place = `aggregates.${key}`;
    const aggregate = readAggregate(Array.isArray(value) ? undefined : key, given, (problem) => {
      problems.push(`${place}${problem}`);
    });
    if (!aggregate) continue;
    if (aggregates.has(aggregate.type)) problems.push(`${place} is the second of type ${aggregate.type}`);
    aggregates.set(aggregate.type, aggregate);
  }
  return aggregates;
}

function readAggregate(
  key: string | undefined,
  given: unknown,
  refuse: (problem: string) => void,
): AnyAggregate | undefined {
  if (typeof given !== 'object' || given === null) {
    refuse(' must be a definition, or an object with initialState and reducer');
    return undefined;
  }
  const { reducer, ...rest } = given as GivenAggregate;
  const { type = key, evolve = reducer } = rest;
  if (key !== undefined && type !== key) refuse(`.type is ${JSON.stringify(type)}, and must be ${JSON.stringify(key)}`);
  if (typeof evolve !== 'function') {
    refuse(' must have a function evolve or reducer');
    return undefined;
  }
  try {
    const aggregate = defineAggregate({ ...rest, type, evolve } as AggregateDefinition<unknown>);
    checkInitialState(aggregate, refuse);
    return aggregate;
  } catch (error) {
    if (!isValidationError(error)) throw error;
    for (const { path, message } of error.errors) refuse(`.${path} ${message}`);
    return undefined;
  }
}

/** Answers hold states as JSON. One that all requests share is frozen: a reducer that changes it fails where it does so. */
function checkInitialState(aggregate: AnyAggregate, refuse: (problem: string) => void): void {
  try {
    if (JSON.stringify(initialStateOf(aggregate)) === undefined) refuse('.initialState must be a JSON value');
  } catch (error) {
    return refuse(`.initialState must be a JSON value: ${String(error)}`);
  }
  if (typeof aggregate.initialState !== 'function') freeze(aggregate.initialState);
}

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const inner of Object.values(value)) freeze(inner);
}
