import type { ValidationProblem } from '../error/validation-error.ts';
import type { DraftPart } from './prepare-append.ts';

/** One append names each aggregate and each message id once: a second mention could not be told from a repetition. */
export function checkDistinct(parts: readonly DraftPart[], problems: ValidationProblem[]): void {
  const aggregates = new Set<string>();
  const messageIds = new Set<string>();
  parts.forEach(({ aggregate, events }, index) => {
    const path = parts.length === 1 ? '' : `parts.${index}.`;
    if (aggregate && parts.length > 1) {
      const key = JSON.stringify([aggregate.tenantId, aggregate.type, aggregate.id]);
      if (aggregates.has(key)) {
        problems.push({ path: `${path}aggregate`, message: 'is named twice: put its events into one part' });
      }
      aggregates.add(key);
    }
    events.forEach((event, i) => {
      if (event === undefined) return;
      const { messageId } = event;
      if (messageIds.has(messageId)) {
        problems.push({ path: `${path}events.${i}.messageId`, message: 'is given twice in one append' });
      }
      messageIds.add(messageId);
    });
  });
}
