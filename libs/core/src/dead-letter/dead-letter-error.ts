import type { DeadLetterError } from './dead-letter.ts';

const MAX_NAME = 200;
const MAX_MESSAGE = 2_000;
const MAX_STACK = 4_000;

/** Describes whatever was thrown, in bounded length. */
export function deadLetterError(thrown: unknown): DeadLetterError {
  if (!(thrown instanceof Error)) return { name: typeof thrown, message: cut(textOf(thrown), MAX_MESSAGE) };
  const { code } = thrown as { code?: unknown };
  return {
    name: cut(thrown.name, MAX_NAME),
    message: cut(thrown.message, MAX_MESSAGE),
    ...((typeof code === 'string' || typeof code === 'number') && { code: cut(String(code), MAX_NAME) }),
    ...(thrown.stack !== undefined && { stack: cut(thrown.stack, MAX_STACK) }),
  };
}

function textOf(thrown: unknown): string {
  if (typeof thrown === 'string') return thrown;
  try {
    return JSON.stringify(thrown) ?? String(thrown);
  } catch {
    return String(thrown);
  }
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
