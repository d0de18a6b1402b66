import type { Measurement } from '../result/measurement.ts';
import type { Metric } from '../workload/targets.ts';

/** The figure that a metric means in one measured run; undefined when the run did not time that. */
export function figureOf(measurement: Measurement, metric: Metric): number | undefined {
  if (metric === 'rate') return measurement.eventsPerSecond;
  return measurement.latencies[metric.slice('p99 '.length)]?.p99;
}
