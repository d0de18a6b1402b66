import { createHash } from 'node:crypto';
import { ulid } from 'ulid';
import type { CommandContext } from './command-context.ts';

/**
 * Id of something that a command creates. With an idempotency key it follows from the key, so that a repeated command
 * finds what the first one created instead of creating it again.
 */
export function newId(prefix: string, context: Pick<CommandContext, 'idempotencyKey'>): string {
  const { idempotencyKey } = context;
  return `${prefix}-${idempotencyKey === undefined ? ulid().toLowerCase() : digest(prefix, idempotencyKey).slice(0, 26)}`;
}

/**
 * Message ids of a command's events; they follow from its idempotency key where it has one. The store compares message
 * ids at the versions in question, so of two copies of a command at the same moment only one lands, and both answer alike.
 */
export function messageIds(context: CommandContext, aggregateId: string, count: number): readonly string[] {
  const { idempotencyKey } = context;
  if (idempotencyKey === undefined) return Array.from({ length: count }, () => ulid());
  const base = digest(aggregateId, idempotencyKey).slice(0, 32);
  return Array.from({ length: count }, (_, index) => `${base}-${index}`);
}

/** SHA-256 in hexadecimal digits; where one part ends and the next begins matters. */
export function digest(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
