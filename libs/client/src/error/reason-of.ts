/**
 * Why a `fetch` failed: it says "fetch failed" and hides what happened in the cause. Errors are told by their shape, since
 * those of another realm are no instances of ours.
 */
export function reasonOf(error: unknown): string {
  const { message, cause } = (error ?? {}) as { message?: unknown; cause?: { message?: unknown } };
  if (typeof cause?.message === 'string' && cause.message !== '') return cause.message;
  return typeof message === 'string' ? message : String(error);
}
