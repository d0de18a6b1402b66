import { MODES } from '../mode/server-mode.ts';
import type { WorkloadResult } from '../result/bench-result.ts';
import type { RunOptions } from './run-options.ts';
import { runWorkload } from './run-workload.ts';

/**
 * Runs every workload on every mode that was asked for, one after the other.
 *
 * @param onResult is told after each, so that what was measured survives an end in the middle
 */
export async function runBenchmarks(
  options: RunOptions,
  onResult: (result: WorkloadResult) => Promise<void>,
): Promise<void> {
  for (const workload of options.workloads) {
    for (const mode of workload.modes) {
      if (!options.modes.includes(mode)) continue;
      await onResult(await runWorkload(workload, MODES[mode], options));
    }
  }
}
