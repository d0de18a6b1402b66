import type { TaskResult } from '../task/task.ts';

/** One measured run of a task by one contender. */
export interface Measurement extends TaskResult {
  /** Events a second; for gateway tasks requests a second. */
  readonly eventsPerSecond: number;
  readonly operationsPerSecond: number;
  /** User and system time of the client process while it was measured. */
  readonly clientCpuSeconds: number;
  /** The same of all servers together; absent where the system does not tell. */
  readonly serverCpuSeconds?: number;
  /** Resident memory of the client once it is connected, before any load; and its peak while it was measured. */
  readonly clientBaseBytes: number;
  readonly clientPeakBytes: number;
  readonly serverMemoryBytes?: number;
  /** What the contender tells of itself, for example of its group commits. */
  readonly details: Readonly<Record<string, number>>;
}

/** The part that the client measures; the servers are looked at from outside. */
export type ClientMeasurement = Omit<Measurement, 'serverCpuSeconds' | 'serverMemoryBytes'>;
