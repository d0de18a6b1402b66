import { isValidationError } from '@annals/core';

/** Runs a check, and hands over its problems in place of throwing them. */
export function collectProblems(check: () => unknown, add: (path: string, message: string) => void): void {
  try {
    check();
  } catch (error) {
    if (!isValidationError(error)) throw error;
    for (const { path, message } of error.errors) add(path, message);
  }
}
