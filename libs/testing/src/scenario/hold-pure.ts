import { AssertionError } from 'node:assert';
import { isDeepStrictEqual } from 'node:util';

/**
 * Calls a function that must be pure and synchronous, and fails if it was not.
 *
 * @param name of the function, for the failure
 * @param inputs that it must leave as they are, by name
 * @throws AssertionError when it changed one, or returned a promise; what the function throws otherwise
 */
export function holdPure<Result>(name: string, inputs: Readonly<Record<string, unknown>>, call: () => Result): Result {
  const before = Object.entries(inputs).map(([input, value]) => ({ input, value, copy: copyOf(value) }));
  const result = call();
  for (const { input, value, copy } of before) {
    // Copies are compared with copies: those of a test runner's realm have other prototypes than their originals.
    if (copy && !isDeepStrictEqual(structuredClone(value), copy.value)) {
      fail(
        `${name} changed its ${input}: it must return a new one and leave what it is given alone`,
        copy.value,
        value,
      );
    }
  }
  if (typeof (result as { then?: unknown } | null)?.then === 'function') {
    fail(`${name} returned a promise: it must be synchronous, so do what waits before or after it`);
  }
  return result;
}

export function fail(message: string, expected?: unknown, actual?: unknown): never {
  throw new AssertionError({ message, expected, actual });
}

/** Undefined for what cannot be copied, such as a state that holds functions: it is not watched. */
function copyOf(value: unknown): { readonly value: unknown } | undefined {
  try {
    return { value: structuredClone(value) };
  } catch {
    return undefined;
  }
}
