import type { RecordedEvent } from '../event/event-message.ts';

/** The lane of an event: its aggregate, or for an event without aggregate the event itself. */
export function laneOf(event: Pick<RecordedEvent, 'tenantId' | 'aggregateType' | 'aggregateId' | 'messageId'>): string {
  const { tenantId, aggregateType, aggregateId, messageId } = event;
  // A separator that no part can hold unescaped: two different aggregates never share a lane.
  if (aggregateType === undefined || aggregateId === undefined) return `\n${messageId}`;
  return JSON.stringify([tenantId, aggregateType, aggregateId]);
}

type Task = () => unknown;

/**
 * Runs tasks of one lane one after the other in the order in which they were added, those of different lanes at the same
 * time, at most so many at once. Lanes take their turns by their oldest task, so that none waits for ever.
 */
export class Lanes {
  private readonly waiting = new Map<string, Task[]>();
  private readonly ready: string[] = [];
  private readonly active = new Set<string>();

  constructor(private readonly concurrency: number) {}

  /** Tasks that run or wait. */
  get size(): number {
    let size = 0;
    for (const tasks of this.waiting.values()) size += tasks.length;
    return size;
  }

  /** @param task must not throw nor reject */
  add(lane: string, task: Task): void {
    const tasks = this.waiting.get(lane);
    if (tasks) {
      tasks.push(task);
      return;
    }
    this.waiting.set(lane, [task]);
    this.ready.push(lane);
    this.next();
  }

  /** Forgets what was not begun. */
  clear(): void {
    this.ready.length = 0;
    for (const [lane, tasks] of this.waiting) {
      if (this.active.has(lane)) tasks.length = 1;
      else this.waiting.delete(lane);
    }
  }

  private next(): void {
    while (this.active.size < this.concurrency && this.ready.length > 0) {
      const lane = this.ready.shift()!;
      this.active.add(lane);
      void this.run(lane);
    }
  }

  private async run(lane: string): Promise<void> {
    const tasks = this.waiting.get(lane)!;
    await tasks[0]!();
    tasks.shift();
    this.active.delete(lane);
    if (tasks.length > 0) this.ready.push(lane);
    else this.waiting.delete(lane);
    this.next();
  }
}
