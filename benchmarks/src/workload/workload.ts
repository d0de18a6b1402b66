import type { ContenderName } from '../contender/open-contender.ts';
import type { ModeName } from '../mode/server-mode.ts';
import type { Fill, Task } from '../task/task.ts';

/** One side of a comparison: who does what on which content. */
export interface Entrant {
  /** Unique within its workload. */
  readonly name: string;
  /** `gateway` fills by the library and measures over HTTP. */
  readonly contender: ContenderName | 'gateway';
  readonly task: Task;
  readonly fill: Fill;
}

/** What is measured and compared in one go, on each of its server modes. */
export interface Workload {
  readonly name: string;
  /** As the report calls it. */
  readonly title: string;
  /** What exactly is done, for the reader of the report. */
  readonly description: string;
  readonly modes: readonly ModeName[];
  /** In the order in which they take turns. */
  entrants(mode: ModeName): readonly Entrant[];
}
