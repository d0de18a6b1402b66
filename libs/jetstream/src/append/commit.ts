import { satisfiesExpectation } from '@annals/core';
import { type Lane, NO_HEAD } from './lane.ts';
import { allParts, type PendingAppend, type PendingPart } from './pending-append.ts';

/** JetStream refuses larger atomic batches (10199). */
export const MAX_COMMIT_MESSAGES = 1_000;
/** Larger commits gain nothing and hold others up. */
export const MAX_COMMIT_BYTES = 4 * 1024 * 1024;

/** What became of an attempt to put an append into a commit. */
export type AddOutcome = 'added' | 'full' | 'wait' | 'head-unknown' | 'mismatch';

/**
 * Appends that go to the server together, all or none of them. Most hold one append of one aggregate, for which a list by
 * literal is an eighth of what a first push reserves.
 */
export class Commit {
  appends: PendingAppend[] = [];
  lanes: Lane[] = [];
  messageCount = 0;
  private bytes = 0;

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
    if (this.appends.length > 0 && !this.hasRoomFor(append)) return 'full';
    for (const part of parts) this.join(part);
    if (this.appends.length === 0) this.appends = [append];
    else this.appends.push(append);
    this.messageCount += append.messageCount;
    this.bytes += append.bytes;
    append.inHand = true;
    append.attempts++;
    return 'added';
  }

  private hasRoomFor(append: PendingAppend): boolean {
    if (append.large || this.appends[0]!.large) return false;
    const messages = this.messageCount + append.messageCount;
    return messages <= MAX_COMMIT_MESSAGES && this.bytes + append.bytes <= MAX_COMMIT_BYTES;
  }

  private examine(part: PendingPart): AddOutcome | undefined {
    const { lane, expected } = part;
    const joined = lane.commit === this;
    if (lane.queue[0] !== part || (lane.busy && !joined)) return 'wait';
    const version = joined ? lane.nextVersion : lane.head?.version;
    if (version === undefined) return expectsNothing(part) ? undefined : 'head-unknown';
    if (satisfiesExpectation(expected, version)) return undefined;
    if (joined) return 'wait';
    // Versions only grow: below a version that was seen means stale for certain, all else needs the leader's word.
    const staleForCertain = typeof expected === 'number' && expected < version;
    return staleForCertain || part.headIsFresh ? 'mismatch' : 'head-unknown';
  }

  private join(part: PendingPart): void {
    const { lane } = part;
    if (lane.commit !== this) {
      if (this.lanes.length === 0) this.lanes = [lane];
      else this.lanes.push(lane);
      lane.commit = this;
      lane.busy = true;
      lane.headBefore = lane.head ?? NO_HEAD;
      lane.nextVersion = lane.headBefore.version;
      lane.nextHash = lane.headBefore.hash;
    }
    part.base = lane.nextVersion;
    lane.nextVersion += lane.kind === 'marker' ? 1 : part.events.length;
    lane.queue.shift();
  }
}

function expectsNothing(part: PendingPart): boolean {
  return part.expected === 'none' || part.expected === 0;
}
