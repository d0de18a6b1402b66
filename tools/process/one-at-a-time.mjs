/**
 * Runs work never twice at once: calls that come while it runs are served by one more run after it.
 * @param {() => Promise<void>} work
 * @returns {() => Promise<void>} resolves when nothing is left to do
 */
export function oneAtATime(work) {
  let wanted = false;
  /** @type {Promise<void> | undefined} */
  let running;
  const drain = async () => {
    while (wanted) {
      wanted = false;
      await work();
    }
    running = undefined;
  };
  return () => {
    wanted = true;
    running ??= drain();
    return running;
  };
}
