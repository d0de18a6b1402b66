import type { ContenderName } from '../contender/open-contender.ts';
import type { ModeName } from '../mode/server-mode.ts';
import type { Fill, Task } from '../task/task.ts';

/** One side of a comparison: who does what on which content. */
export interface Entrant {
  /** Unique within its workload. */
  readonly name: string;
  /**
   * All but the contenders are filled by the library: `gateway` is measured over HTTP, `stream` by a task that brings a
   * client of its own. `memory` needs no server.
   */
  readonly contender: ContenderName | 'gateway' | 'stream' | 'memory';
  /** The entrant, named earlier, whose servers and content it works on; its own unless given. */
  readonly beside?: string;
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
  /**
   * Between filling and measuring; 0 unless given. What was just written is served from memory, some rounds long: later
   * rounds, and everybody who reads a stream that was there before, find a slower server.
   */
  readonly restSeconds?: number;
  /** In the order in which they take turns. */
  entrants(mode: ModeName): readonly Entrant[];
}
