import type { Lane, LaneHead } from './lane.ts';
import { allParts, type PendingAppend, type PendingPart } from './pending-append.ts';

/** JetStream refuses larger atomic batches (10199). */
export const MAX_COMMIT_MESSAGES = 1_000;
/** Larger commits gain nothing and hold others up. */
export const MAX_COMMIT_BYTES = 4 * 1024 * 1024;

/** What became of an attempt to put an append into a commit. */
export type AddOutcome = 'added' | 'full' | 'wait' | 'head-unknown' | 'mismatch';

/** Appends that go to the server together, all or none of them. */
export class Commit {
  readonly appends: PendingAppend[] = [];
  /** Lanes in it and their heads before it. */
  readonly lanes = new Map<Lane, LaneHead>();
  messageCount = 0;
  private bytes = 0;
  /** Versions that lanes will have after what is in it. */
  private readonly versions = new Map<Lane, number>();

  /**
   * Puts an append into the commit when all its lanes are free, it is the first to wait in each, and their heads are as
   * it expects.
   */
  add(append: PendingAppend): AddOutcome {
    const parts = allParts(append);
    for (const part of parts) {
      const outcome = this.examine(part);
      if (outcome) return outcome;
    }
    if (this.appends.length > 0) {
      if (append.large || this.appends[0]!.large) return 'full';
      if (this.messageCount + append.messageCount > MAX_COMMIT_MESSAGES) return 'full';
      if (this.bytes + append.bytes > MAX_COMMIT_BYTES) return 'full';
    }
    for (const part of parts) this.join(part);
    this.appends.push(append);
    this.messageCount += append.messageCount;
    this.bytes += append.bytes;
    append.inHand = true;
    append.attempts++;
    return 'added';
  }

  private examine(part: PendingPart): AddOutcome | undefined {
    const { lane } = part;
    const joined = this.versions.get(lane);
    if (lane.queue[0] !== part || (lane.busy && joined === undefined)) return 'wait';
    const version = joined ?? lane.head?.version;
    if (version === undefined) return expectsNothing(part) ? undefined : 'head-unknown';
    if (matches(part, version)) return undefined;
    if (joined !== undefined) return 'wait';
    // Versions only grow: below a version that was seen means stale for certain, all else needs the leader's word.
    const staleForCertain = typeof part.expected === 'number' && part.expected < version;
    return staleForCertain || part.headIsFresh ? 'mismatch' : 'head-unknown';
  }

  private join(part: PendingPart): void {
    const { lane } = part;
    const head = lane.head ?? NO_HEAD;
    if (!this.lanes.has(lane)) this.lanes.set(lane, head);
    part.base = this.versions.get(lane) ?? head.version;
    this.versions.set(lane, part.base + (lane.kind === 'marker' ? 1 : part.events.length));
    lane.busy = true;
    lane.queue.shift();
  }
}

/** The head of what has no message yet. */
export const NO_HEAD: LaneHead = { version: 0, sequence: 0, hash: new Uint8Array(32) };

function expectsNothing(part: PendingPart): boolean {
  return part.expected === 'none' || part.expected === 0;
}

function matches(part: PendingPart, version: number): boolean {
  const { expected } = part;
  if (expected === 'any') return true;
  if (expected === 'none') return version === 0;
  if (expected === 'exists') return version > 0;
  return expected === version;
}
