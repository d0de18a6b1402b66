import { setTimeout as pause } from 'node:timers/promises';

/** Waits, at most until the signal is aborted. Never rejects. */
export async function pauseUnlessAborted(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal }).catch(() => undefined);
}
