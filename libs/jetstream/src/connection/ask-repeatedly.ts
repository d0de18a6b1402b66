import { setTimeout as pause } from 'node:timers/promises';
import { unavailable } from '../error/unavailable.ts';
import { RequestFailed } from './request-failed.ts';

/** Whoever has not answered within this time has perhaps lost the question with its server or its leader. */
const TRY_MS = 2_000;
const PAUSE_MS = 50;

/**
 * Asks again while no answer comes. For questions only: what is asked may be done several times.
 *
 * @param timeoutMs for all tries together
 * @param ask sends once and waits so many milliseconds
 * @throws StoreUnavailable, and what `ask` throws but `RequestFailed`
 */
export async function askRepeatedly<T>(timeoutMs: number, ask: (timeoutMs: number) => Promise<T>): Promise<T> {
  const deadlineMs = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await ask(Math.max(1, Math.min(TRY_MS, deadlineMs - Date.now())));
    } catch (error) {
      const mayBeAnswered = error instanceof RequestFailed && error.reason !== 'closed';
      if (!mayBeAnswered || Date.now() + PAUSE_MS >= deadlineMs) throw unavailable(error);
      await pause(PAUSE_MS);
    }
  }
}
