import { Stack } from './stack.mjs';
import { listenForStopSignals } from './stop-signals.mjs';
/** @import { StackOptions } from './stack.mjs' */

/**
 * Runs the stack until a signal stops it or a part of it dies.
 * @param {StackOptions} options
 * @param {(stack: Stack) => void} [whenReady]
 * @returns {Promise<number>} exit code: 0 after a stop that was asked for, 1 after a failure, 130 when a second signal
 *   cut the stop short
 */
export async function runStack(options, whenReady = () => {}) {
  const { log } = options;
  const { requested, insisted } = listenForStopSignals();
  process.stdout.on('error', () => {}); // a closed terminal takes no more lines, and the parts still have to be stopped
  const stack = new Stack(options);
  const failure = stack.start().then(
    () => {
      whenReady(stack);
      return stack.failed;
    },
    (error) => error,
  );
  const reason = await Promise.race([failure, requested]);
  log(reason instanceof Error ? reason.message : 'Stopping');
  const stopped = await Promise.race([stack.stop(), insisted]);
  if (stopped === 'insisted') {
    await stack.kill();
    return 130;
  }
  return reason instanceof Error ? 1 : 0;
}
