import type { AppendPart } from '../append/append.ts';
import { type ValidationProblem, ValidationError } from '../error/validation-error.ts';
import type { NewEvent } from '../event/new-event.ts';
import type { EventRegistry } from './event-registry.ts';

/**
 * Checks the events of an append by what is declared of their types, and gives them the schema version that is current.
 * What is no event at all is left to the store, which says so.
 *
 * @throws ValidationError with every problem, by path
 */
export async function checkDeclared(
  registry: EventRegistry,
  parts: readonly AppendPart[],
): Promise<readonly AppendPart[]> {
  if (!Array.isArray(parts)) return parts;
  const problems: ValidationProblem[] = [];
  const checked: AppendPart[] = [];
  for (const [p, part] of (parts as readonly AppendPart[]).entries()) {
    const path = parts.length === 1 ? '' : `parts.${p}.`;
    checked.push(await checkPart(registry, part, path, problems));
  }
  if (problems.length > 0) throw new ValidationError(problems);
  return checked;
}

async function checkPart(
  registry: EventRegistry,
  part: AppendPart,
  path: string,
  problems: ValidationProblem[],
): Promise<AppendPart> {
  if (!Array.isArray(part?.events)) return part;
  const events: NewEvent[] = [];
  for (const [i, event] of (part.events as readonly NewEvent[]).entries()) {
    if (typeof event?.type !== 'string') {
      events.push(event);
      continue;
    }
    const at = `${path}events.${i}`;
    const current = registry.currentVersion(event.type);
    if (!registry.takes(event.type)) problems.push({ path: `${at}.type`, message: 'is not declared in the registry' });
    if (current !== undefined && event.schemaVersion !== undefined && event.schemaVersion !== current) {
      problems.push({ path: `${at}.schemaVersion`, message: `must be ${current}, the version that is written today` });
    }
    // A promise for each event would double what an append costs.
    const found = registry.dataProblems(event.type, event.data);
    for (const problem of found instanceof Promise ? await found : found) {
      const inData = problem.path === '' ? '' : `.${problem.path}`;
      problems.push({ path: `${at}.data${inData}`, message: problem.message });
    }
    events.push(
      current === undefined || event.schemaVersion === current ? event : { ...event, schemaVersion: current },
    );
  }
  return { ...part, events };
}
