import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { EventRegistry, type EventDeclarations, isValidationError } from '@annals/core';
import { classValidation } from '@annals/events';
import { ConfigError } from '../config/config-error.ts';
import { readAggregates } from './read-aggregates.ts';
import { StateModule } from './state-module.ts';

/**
 * Loads the ES module that `STATE_MODULE` names. It exports `aggregates`, `registry` or both.
 *
 * @param path relative to the working directory; undefined: no module
 * @throws ConfigError with every problem of the module
 */
export async function loadStateModule(path: string | undefined): Promise<StateModule> {
  if (path === undefined) return new StateModule();
  const problems: string[] = [];
  const exported = await importModule(path);
  if (exported['aggregates'] === undefined && exported['registry'] === undefined) {
    problems.push('exports neither aggregates nor registry');
  }
  const aggregates = readAggregates(exported['aggregates'], problems);
  const registry = readRegistry(exported['registry'], problems);
  if (problems.length > 0) throw new ConfigError(problems.map((problem) => `STATE_MODULE ${path} ${problem}`));
  return new StateModule(aggregates, registry);
}

async function importModule(path: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(resolve(path)).href)) as Record<string, unknown>;
  } catch (error) {
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new ConfigError([`STATE_MODULE ${path} cannot be loaded: ${reason}`]);
  }
}

/** A registry, or the declarations for one. */
function readRegistry(value: unknown, problems: string[]): EventRegistry | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    problems.push('exports a registry that is neither an EventRegistry nor an object of event types');
    return undefined;
  }
  try {
    const registry = isRegistry(value) ? value : new EventRegistry().add(value as EventDeclarations);
    return registry.supportClasses(classValidation).seal();
  } catch (error) {
    if (!isValidationError(error)) throw error;
    problems.push(...error.errors.map((problem) => `registry: ${problem.path} ${problem.message}`));
    return undefined;
  }
}

/** The module may have its own copy of the package, so classes cannot be compared. */
function isRegistry(value: object): value is EventRegistry {
  return ['add', 'seal', 'current', 'wayFrom', 'supportClasses'].every(
    (method) => typeof Reflect.get(value, method) === 'function',
  );
}
