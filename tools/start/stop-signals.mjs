const STOP_SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

/** One Ctrl-C can arrive twice at once: from the terminal and, passed on, from npm. */
const SAME_REQUEST_MS = 500;

/**
 * Listens for the signals that ask this program to stop.
 * @returns {{ requested: Promise<'requested'>, insisted: Promise<'insisted'> }} the first one, and a later one
 */
export function listenForStopSignals() {
  /** @type {(value: 'requested') => void} */
  let request = () => {};
  /** @type {(value: 'insisted') => void} */
  let insist = () => {};
  let firstAt = Number.POSITIVE_INFINITY;
  for (const signal of STOP_SIGNALS) {
    process.on(signal, () => {
      firstAt = Math.min(firstAt, performance.now());
      request('requested');
      if (performance.now() - firstAt > SAME_REQUEST_MS) insist('insisted');
    });
  }
  return {
    requested: new Promise((resolve) => (request = resolve)),
    insisted: new Promise((resolve) => (insist = resolve)),
  };
}
