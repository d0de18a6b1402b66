import { setTimeout as delay } from 'node:timers/promises';

/**
 * Asks until the answer is true.
 * @param {() => Promise<boolean>} condition
 * @param {{ timeoutMs: number, intervalMs?: number, otherwise: () => Error }} options
 */
export async function waitUntil(condition, { timeoutMs, intervalMs = 20, otherwise }) {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw otherwise();
    await delay(intervalMs);
  }
}
