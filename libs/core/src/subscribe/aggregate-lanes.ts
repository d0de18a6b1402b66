import type { RecordedEvent } from '../event/event-message.ts';
import { Fifo } from './fifo.ts';

/** The lane of an event: its aggregate, or for an event without aggregate the event itself. */
export function laneOf(event: Pick<RecordedEvent, 'tenantId' | 'aggregateType' | 'aggregateId' | 'messageId'>): string {
  const { tenantId, aggregateType, aggregateId, messageId } = event;
  // A separator that no part can hold unescaped: two different aggregates never share a lane.
  if (aggregateType === undefined || aggregateId === undefined) return `\n${messageId}`;
  return JSON.stringify([tenantId, aggregateType, aggregateId]);
}

/**
 * Returns, or promises, nothing when it is done; or milliseconds after which it is to run again, before everything else
 * of its lane. Must not throw nor reject.
 */
export type LaneTask = () => number | void | Promise<number | void>;

interface Entry {
  readonly task: LaneTask;
  readonly group: unknown;
}

interface Lane {
  readonly name: string;
  /** The first one runs, waits for its turn or for its time. */
  readonly entries: Fifo<Entry>;
  state: 'ready' | 'running' | 'delayed';
  timer: ReturnType<typeof setTimeout> | undefined;
}

/**
 * Runs tasks of one lane one after the other in the order in which they were added, those of different lanes and those
 * without a lane at the same time, at most so many at once. They take their turns by age, so that none waits for ever; a
 * task that is to run again later holds up its lane, not the others.
 */
export class Lanes {
  private readonly lanes = new Map<string, Lane>();
  private readonly ready = new Fifo<Lane | Entry>();
  private readonly solo = new Fifo<Entry>();
  private readonly whenIdle: (() => void)[] = [];
  /** By group: what waits behind another task of its lane. */
  private readonly behind = new Map<unknown, number>();
  private active = 0;
  private soloRuns = false;
  private beginning = false;
  private limit: number;

  constructor(concurrency: number) {
    this.limit = concurrency;
  }

  /** Tasks that run at once, at most; what runs already is not stopped when it is lowered. */
  get concurrency(): number {
    return this.limit;
  }

  set concurrency(tasks: number) {
    this.limit = tasks;
    this.begin();
  }

  /** Tasks that run, or wait. */
  get size(): number {
    let size = this.solo.length + this.active;
    for (const entry of this.ready) if (!('entries' in entry)) size++;
    for (const { entries, state } of this.lanes.values()) size += entries.length - (state === 'running' ? 1 : 0);
    return size;
  }

  /** Tasks that run. */
  get running(): number {
    return this.active;
  }

  /** Tasks of a group that wait behind another one of their lane, so that none of them could run if there were room. */
  waitingBehind(group: unknown): number {
    return this.behind.get(group) ?? 0;
  }

  /**
   * @param lane undefined for a task that waits for no other
   * @param group what {@link clear} can name
   */
  add(lane: string | undefined, task: LaneTask, group?: unknown): void {
    const entry = { task, group };
    if (lane === undefined) this.ready.push(entry);
    else {
      const found = this.lanes.get(lane);
      if (found) {
        found.entries.push(entry);
        this.countBehind(group, 1);
        return;
      }
      const made: Lane = { name: lane, entries: new Fifo(), state: 'ready', timer: undefined };
      made.entries.push(entry);
      this.lanes.set(lane, made);
      this.ready.push(made);
    }
    this.begin();
  }

  /** Runs a task while no other one runs: none begins until it is done. A delay that it returns counts as done. */
  alone(task: LaneTask, group?: unknown): void {
    this.solo.push({ task, group });
    this.begin();
  }

  /** Forgets what was not begun, and what waits to run again; of one group where it is named. */
  clear(group?: unknown): void {
    const isMeant = (entry: Entry): boolean => group === undefined || entry.group === group;
    this.solo.remove(isMeant);
    this.ready.remove((entry) => !('entries' in entry) && isMeant(entry));
    for (const lane of this.lanes.values()) {
      const { first } = lane.entries;
      lane.entries.remove(isMeant, lane.state === 'running' ? 1 : 0);
      if (lane.state === 'delayed' && lane.entries.first !== first) {
        clearTimeout(lane.timer);
        lane.state = 'ready';
        this.ready.push(lane);
      }
      if (lane.entries.length === 0) this.lanes.delete(lane.name);
    }
    this.ready.remove((entry) => 'entries' in entry && entry.entries.length === 0);
    this.recountBehind();
    this.begin();
  }

  /** Fulfilled when nothing runs. What waits may begin then, unless it was cleared. */
  idle(): Promise<void> {
    return this.active === 0 ? Promise.resolve() : new Promise((resolve) => this.whenIdle.push(resolve));
  }

  private begin(): void {
    // A task that ends at once leads back here: the loop that began it goes on.
    if (this.beginning) return;
    this.beginning = true;
    while (!this.soloRuns && (this.solo.length > 0 ? this.active === 0 : this.active < this.limit)) {
      const next = this.solo.first ?? this.ready.first;
      if (next === undefined) break;
      if ('entries' in next) {
        this.ready.shift();
        next.state = 'running';
        this.run(next.entries.first!, next);
      } else if (this.solo.length > 0) {
        this.solo.shift();
        this.soloRuns = true;
        this.run(next, undefined);
      } else {
        this.ready.shift();
        this.run(next, undefined);
      }
    }
    this.beginning = false;
  }

  /** A task that returns at once costs no promise: quick handlers would be half as fast. */
  private run(entry: Entry, lane: Lane | undefined): void {
    this.active++;
    const result = entry.task();
    if (typeof result === 'object') void result.then((delayMs) => this.ended(lane, delayMs));
    else this.ended(lane, result);
  }

  private ended(lane: Lane | undefined, delayMs: number | void): void {
    this.active--;
    // Alone means alone, so this was the one.
    this.soloRuns = false;
    if (lane) this.leave(lane, delayMs);
    if (this.active === 0) for (const resolve of this.whenIdle.splice(0)) resolve();
    this.begin();
  }

  private countBehind(group: unknown, more: number): void {
    const count = this.waitingBehind(group) + more;
    if (count === 0) this.behind.delete(group);
    else this.behind.set(group, count);
  }

  private recountBehind(): void {
    this.behind.clear();
    for (const { entries } of this.lanes.values()) {
      for (const entry of entries) if (entry !== entries.first) this.countBehind(entry.group, 1);
    }
  }

  private leave(lane: Lane, delayMs: number | void): void {
    if (typeof delayMs === 'number') {
      lane.state = 'delayed';
      lane.timer = setTimeout(() => {
        lane.state = 'ready';
        this.ready.push(lane);
        this.begin();
      }, delayMs);
      return;
    }
    lane.entries.shift();
    if (lane.entries.first) {
      this.countBehind(lane.entries.first.group, -1);
      lane.state = 'ready';
      this.ready.push(lane);
    } else this.lanes.delete(lane.name);
  }
}
