import type { DeadLetterError } from './dead-letter.ts';

const MAX_NAME = 200;
const MAX_MESSAGE = 2_000;
const MAX_STACK = 4_000;

/** Describes whatever was thrown, in bounded length. Never throws itself, whatever was. */
export function deadLetterError(thrown: unknown): DeadLetterError {
  try {
    return thrown instanceof Error
      ? describeError(thrown)
      : { name: typeof thrown, message: cut(textOf(thrown), MAX_MESSAGE) };
  } catch {
    return { name: typeof thrown, message: 'what was thrown cannot be described' };
  }
}

/** A reason that a handler gave, in bounded length. */
export function deadLetterReason(reason: unknown): string {
  try {
    return cut(String(reason), MAX_MESSAGE);
  } catch {
    return 'the reason given cannot be described';
  }
}

/** Nothing keeps a thrown error from having a message that is no text. */
function describeError(thrown: Error & { readonly code?: unknown }): DeadLetterError {
  const { name, message, stack, code } = thrown;
  return {
    name: cut(String(name), MAX_NAME),
    message: cut(String(message), MAX_MESSAGE),
    ...((typeof code === 'string' || typeof code === 'number') && { code: cut(String(code), MAX_NAME) }),
    ...(stack !== undefined && { stack: cut(String(stack), MAX_STACK) }),
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
  if (text.length <= length) return text;
  const start = text.slice(0, length - 1);
  // Half of a pair would no longer be the same text once it was stored.
  return `${/[\uD800-\uDBFF]$/.test(start) ? start.slice(0, -1) : start}…`;
}
