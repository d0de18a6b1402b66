import type { Measurement } from '../result/measurement.ts';
import type { Metric } from '../workload/targets.ts';

/** The figure that a metric means in one measured run; undefined when the run did not time that. */
export function figureOf(measurement: Measurement, metric: Metric): number | undefined {
  if (metric === 'rate') return measurement.eventsPerSecond;
  if (metric === 'events in hand') return measurement.counts.inHandPeak;
  if (metric === 'peak memory') return measurement.clientPeakBytes;
  const [quantile, timed] = metric.split(' ') as ['p50' | 'p99', string];
  return measurement.latencies[timed]?.[quantile];
}
