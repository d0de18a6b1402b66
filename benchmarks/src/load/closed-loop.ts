import { type Limit, RunningLimit } from './limit.ts';

/**
 * Keeps `inFlight` operations going until the limit is reached; each worker begins its next one when its last one is
 * done. The first failure ends the loop.
 *
 * @param operation is told which worker it runs in, 0 to `inFlight - 1`
 * @returns seconds from the first beginning to the last end
 */
export async function closedLoop(
  inFlight: number,
  limit: Limit,
  operation: (worker: number) => Promise<void>,
): Promise<number> {
  const running = new RunningLimit(limit);
  let failed = false;
  const work = async (worker: number) => {
    try {
      while (!failed && running.take()) await operation(worker);
    } catch (error) {
      failed = true;
      throw error;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, (_, worker) => work(worker)));
  return running.elapsedSeconds();
}
