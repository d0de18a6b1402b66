import { CHAIN_START, type ResolvedAggregateRef } from '@annals/core';
import type { Commit } from './commit.ts';
import type { PendingPart } from './pending-append.ts';

/** The newest message under a lane's filter; version and sequence 0 when there is none. */
export interface LaneHead {
  readonly version: number;
  readonly sequence: number;
  /** Link of the hash chain, base64url of 32 bytes. */
  readonly hash: string;
}

/** The head of what has no message yet. */
export const NO_HEAD: LaneHead = { version: 0, sequence: 0, hash: CHAIN_START };

/** What a lane is for: an aggregate, one event without aggregate, or the marker of an idempotency key. */
export type LaneKind = 'aggregate' | 'loose' | 'marker';

/** After a refusal by a moved head a lane goes alone for so many commits … */
const SUSPECT_COMMITS = 8;
/** … or so long, lest it poisons the commits that it shares (measured, see the append guide). */
const SUSPECT_MS = 50;

/**
 * The queue of one aggregate in this process: appends to it go one after the other, so they never conflict with each
 * other. Lives while something waits; its head outlives it in the head cache.
 */
export class Lane {
  /** First waits first. */
  queue: PendingPart[] = NO_PARTS;
  /** A commit with it is in flight, or its head is being read. */
  busy = false;
  /** The commit that it is in. */
  commit: Commit | undefined;
  /** In a commit: its head before the commit … */
  headBefore: LaneHead = NO_HEAD;
  /** … its version after what the commit holds so far … */
  nextVersion = 0;
  /** … and the link of its hash chain after what is written so far. */
  nextHash = CHAIN_START;
  /** It stands in line for the next gathered commit. */
  scheduled = false;
  private suspectCommits = 0;
  private suspectUntilMs = 0;

  constructor(
    readonly kind: LaneKind,
    /** What its subjects begin with; the whole subject for a marker. */
    readonly prefix: string,
    /** What its expectations are on. */
    readonly filter: string,
    readonly aggregate: ResolvedAggregateRef | undefined,
    /** Undefined: not known. */
    public head: LaneHead | undefined,
  ) {}

  /** Another writer is at work here: go alone for a while. */
  markSuspect(nowMs: number): void {
    this.suspectCommits = SUSPECT_COMMITS;
    this.suspectUntilMs = nowMs + SUSPECT_MS;
  }

  /** True when the next commit of this lane must be its own; counts it. */
  goesAlone(nowMs: number): boolean {
    if (this.suspectCommits === 0) return false;
    this.suspectCommits--;
    if (nowMs < this.suspectUntilMs) return true;
    this.suspectCommits = 0;
    return false;
  }

  enqueue(part: PendingPart): void {
    // A literal of one takes no room for the sixteen that a first push reserves; most lanes never hold more.
    if (this.queue.length === 0) this.queue = [part];
    else this.queue.push(part);
  }

  /** Puts back what had been taken, in front of all others. */
  putBack(part: PendingPart): void {
    this.queue = [part, ...this.queue];
  }

  remove(part: PendingPart): void {
    const at = this.queue.indexOf(part);
    if (at >= 0) this.queue.splice(at, 1);
  }
}

/** Shared by all that are empty, and never written to. */
const NO_PARTS: PendingPart[] = [];
