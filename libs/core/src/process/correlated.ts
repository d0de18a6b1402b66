import { ValidationError } from '../error/validation-error.ts';
import type { RecordedEvent } from '../event/event-message.ts';
import { nameProblem } from '../event/name.ts';
import type { Process } from './define-process.ts';
import type { InstanceRef } from './kept-instance.ts';

/** What of a stored event belongs to one instance: most often the event, several where a migration made several of it. */
export interface CorrelatedParts {
  readonly ref: InstanceRef;
  readonly parts: readonly RecordedEvent[];
}

/**
 * What a stored event is to each instance.
 *
 * @throws ValidationError for a key that cannot be; what `correlate` and the reading of old events throw
 */
export async function correlated(process: Process, stored: RecordedEvent): Promise<readonly CorrelatedParts[]> {
  const groups = new Map<string, { readonly ref: InstanceRef; readonly parts: RecordedEvent[] }>();
  for (const part of process.read ? await process.read(stored) : [stored]) {
    const key: unknown = process.correlate(part);
    if (key === undefined) continue;
    const problem = nameProblem(key);
    if (problem) {
      const message = `of process ${process.name} gave a key that ${problem}`;
      throw new ValidationError([{ path: 'correlate', message }]);
    }
    const ref = { tenantId: part.tenantId, key: key as string };
    const group = groups.get(tokenOf(ref)) ?? { ref, parts: [] };
    group.parts.push(part);
    groups.set(tokenOf(ref), group);
  }
  return [...groups.values()];
}

/** An instance as one string. */
export function tokenOf({ tenantId, key }: InstanceRef): string {
  return JSON.stringify([tenantId, key]);
}
