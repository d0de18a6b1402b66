import type { ContenderName } from '../contender/open-contender.ts';
import type { Limit } from '../load/limit.ts';
import type { Place } from '../place/place.ts';
import type { ClientMeasurement } from '../result/measurement.ts';
import type { Fill, Task } from '../task/task.ts';
import type { Entrant } from '../workload/workload.ts';

/** What a client process is started for. */
export type Job =
  | { readonly kind: 'fill'; readonly contender: ContenderName; readonly place: Place; readonly fill: Fill }
  | {
      readonly kind: 'measure';
      readonly contender: Entrant['contender'];
      readonly place: Place;
      readonly task: Task;
      readonly fill: Fill;
      readonly label: string;
      readonly warmUp: Limit;
      readonly limit: Limit;
    };

/** What a client process tells. */
export type ClientMessage =
  | { readonly kind: 'started' }
  | { readonly kind: 'progress'; readonly events: number }
  /** Warmed up; waits for `go`. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'measured'; readonly measurement: ClientMeasurement }
  | { readonly kind: 'failed'; readonly message: string }
  /** The last word; what was sent before has arrived. */
  | { readonly kind: 'done' };

/** What a client process is told. */
export type ClientOrder = { readonly kind: 'job'; readonly job: Job } | { readonly kind: 'go' };
