import { figure } from '../report/format-figure.ts';
import type { Measurement } from '../result/measurement.ts';

/** One line about a measured run, for whoever waits. */
export function describeMeasurement({ eventsPerSecond, latencies, clientPeakBytes }: Measurement): string {
  const rate = `${Math.round(eventsPerSecond).toLocaleString('en').padStart(9)} events/s`;
  const timed = Object.entries(latencies).map(
    ([what, { p50, p99 }]) => `${what} p50 ${figure(p50)} p99 ${figure(p99)} ms`,
  );
  return [rate, ...timed, `client ${Math.round(clientPeakBytes / 1024 / 1024)} MiB`].join('  ');
}
