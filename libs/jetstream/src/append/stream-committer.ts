import { performance } from 'node:perf_hooks';
import { CHAIN_START } from '@annals/core';
import type { StreamBinding } from '../topology/stream-binding.ts';
import { resultOfLanded } from './append-result.ts';
import { Commit } from './commit.ts';
import { commitMessages } from './commit-messages.ts';
import type { CommitOutcome, CommitSender } from './commit-sender.ts';
import type { GatherPolicy } from './gather-policy.ts';
import type { HeadCache } from './head-cache.ts';
import type { Lane } from './lane.ts';
import { allParts, type PendingAppend, type PendingPart } from './pending-append.ts';
import type { Settler } from './settler.ts';

/** Counts of what a committer did, for metrics and benchmarks. */
export interface CommitCounts {
  plain: number;
  batches: number;
  batchMessages: number;
  largestBatch: number;
  refused: number;
}

/**
 * Brings the appends of one stream to the server: one at once when nothing else is in flight, else gathered into the
 * next atomic batch, one gathered batch in flight (group commit). No timer ever delays an append.
 *
 * A batch costs the server about the same for 2 events as for 100, and one flush serves them all.
 */
export class StreamCommitter {
  readonly counts: CommitCounts = { plain: 0, batches: 0, batchMessages: 0, largestBatch: 0, refused: 0 };
  private readonly lanes = new Map<string, Lane>();
  /** Lanes that wait for the next gathered commit, and how far they were taken. */
  private ready: Lane[] = [];
  private nextReady = 0;
  private gatheredInFlight = false;
  private pumpScheduled = false;

  constructor(
    readonly binding: StreamBinding,
    private readonly sender: CommitSender,
    private readonly settler: Settler,
    private readonly heads: HeadCache,
    private readonly policy: GatherPolicy,
    private readonly markerTtlMs: number,
  ) {}

  /** The lane under `prefix`, if anything waits in it. */
  laneOf(prefix: string): Lane | undefined {
    return this.lanes.get(prefix);
  }

  /** Takes in a lane that something is going to wait in. */
  addLane(lane: Lane): Lane {
    this.lanes.set(lane.prefix, lane);
    return lane;
  }

  /** Queues the append in all its lanes at once, so that two appends meet in the same order everywhere. */
  submit(append: PendingAppend): void {
    const parts = allParts(append);
    for (const part of parts) part.lane.enqueue(part);
    if (parts.length === 1) this.wake(parts[0]!.lane);
    else for (const part of parts) this.wake(part.lane);
  }

  /** Takes an append that is not in hand out of its queues; what waited behind it goes on, but for `except`. */
  withdraw(append: PendingAppend, except?: Lane): void {
    for (const part of allParts(append)) part.lane.remove(part);
    for (const { lane } of allParts(append)) {
      if (lane === except) continue;
      this.wake(lane);
      this.release(lane);
    }
  }

  private wake(lane: Lane): void {
    if (lane.busy || lane.scheduled || lane.queue.length === 0) return;
    if (lane.goesAlone(performance.now()) || this.sendsAtOnce(lane)) {
      this.commitAlone(lane);
      return;
    }
    lane.scheduled = true;
    this.ready.push(lane);
    this.schedulePump();
  }

  /** True for a single event that need not wait for company. */
  private sendsAtOnce(lane: Lane): boolean {
    if (lane.queue.length > 1 || lane.queue[0]!.append.messageCount > 1) return false;
    const idle = !this.gatheredInFlight && this.policy.plainInFlight === 0 && this.nextReady === this.ready.length;
    return idle || !this.policy.gathersSingles();
  }

  private commitAlone(lane: Lane): void {
    const commit = new Commit();
    this.fill(commit, lane);
    if (commit.appends.length > 0) this.send(commit, false);
    else this.release(lane);
  }

  private schedulePump(): void {
    if (this.pumpScheduled) return;
    this.pumpScheduled = true;
    // After the I/O of this turn: what arrives together goes together.
    setImmediate(() => {
      this.pumpScheduled = false;
      this.pump();
    });
  }

  private pump(): void {
    if (this.gatheredInFlight) return;
    const commit = new Commit();
    while (this.nextReady < this.ready.length) {
      const lane = this.ready[this.nextReady]!;
      if (this.fill(commit, lane) === 'full') break;
      this.nextReady++;
      lane.scheduled = false;
      this.release(lane);
    }
    this.compactReady();
    if (commit.appends.length === 0) return;
    this.gatheredInFlight = true;
    this.send(commit, true);
  }

  private compactReady(): void {
    if (this.nextReady === this.ready.length) this.ready = [];
    else if (this.nextReady > 1024) this.ready = this.ready.slice(this.nextReady);
    else return;
    this.nextReady = 0;
  }

  /** Puts what the lane can give into the commit. */
  private fill(commit: Commit, lane: Lane): 'full' | 'taken' {
    for (;;) {
      const part = lane.queue[0];
      if (part === undefined) return 'taken';
      const outcome = commit.add(part.append);
      if (outcome === 'full') return 'full';
      if (outcome === 'added') continue;
      if (outcome === 'head-unknown') this.readHeads(part.append, commit);
      if (outcome !== 'mismatch') return 'taken';
      part.append.inHand = true;
      this.withdraw(part.append, lane);
      void this.refuse(part.append);
    }
  }

  private async refuse(append: PendingAppend): Promise<void> {
    if ((await this.settler.refuse(this.binding, append)) === 'ended') return;
    append.inHand = false;
    for (const part of allParts(append)) this.rebind(part);
    this.submit(append);
  }

  /** While an append waited in no queue its lane may have gone, and another one taken its place. */
  private rebind(part: PendingPart): void {
    const { prefix, head } = part.lane;
    const lane = this.laneOf(prefix) ?? this.addLane(part.lane);
    part.headIsFresh = false;
    if (lane === part.lane || lane.busy) {
      part.lane = lane;
      return;
    }
    lane.head = head;
    part.lane = lane;
  }

  /** Reads the heads that keep an append from going, then tries again. */
  private readHeads(append: PendingAppend, commit: Commit): void {
    const lanes = allParts(append)
      .map((part) => part.lane)
      .filter((lane) => !lane.busy && lane.commit !== commit);
    for (const lane of lanes) lane.busy = true;
    void this.settler.readHeads(this.binding, lanes, append.deadlineMs).then(
      () => this.free(lanes),
      (error: unknown) => {
        this.withdraw(append);
        this.settler.giveUp(append, error);
        this.free(lanes);
      },
    );
  }

  private send(commit: Commit, gathered: boolean): void {
    const messages = commitMessages(commit, this.markerTtlMs);
    const plain = messages.length === 1;
    this.count(messages.length);
    if (plain) this.policy.plainSent();
    const sentMs = performance.now();
    this.sender.send(messages, (outcome) => {
      if (plain) this.policy.plainAnswered();
      if (outcome.kind === 'landed') {
        if (gathered && !plain) this.policy.gatheredLanded(messages.length, performance.now() - sentMs);
        this.landed(commit, outcome.lastSequence);
        this.ended(commit, gathered);
      } else {
        void this.failed(commit, outcome)
          .catch((error: unknown) => commit.appends.forEach((append) => this.settler.giveUp(append, error)))
          .finally(() => this.ended(commit, gathered));
      }
    });
  }

  private ended(commit: Commit, gathered: boolean): void {
    if (gathered) this.gatheredInFlight = false;
    for (const lane of commit.lanes) lane.commit = undefined;
    this.free(commit.lanes);
    if (this.nextReady < this.ready.length) this.schedulePump();
  }

  private landed(commit: Commit, lastSequence: number): void {
    let sequence = lastSequence - commit.messageCount;
    for (const append of commit.appends) {
      const first = sequence + 1;
      for (const { lane, events } of append.parts) {
        sequence += events.length;
        // In the order of the commit, so that the last append of a lane has the last word.
        lane.head = { version: lane.nextVersion, sequence, hash: lane.nextHash };
      }
      if (append.marker) append.marker.part.lane.head = { version: 1, sequence: ++sequence, hash: CHAIN_START };
      append.inHand = false;
      append.resolve(resultOfLanded(this.binding, append, first, false));
    }
    for (const lane of commit.lanes) if (lane.kind === 'aggregate') this.heads.put(lane.prefix, lane.head!);
  }

  private async failed(commit: Commit, outcome: Exclude<CommitOutcome, { kind: 'landed' }>): Promise<void> {
    this.counts.refused++;
    const again = await this.settler.settle(this.binding, commit, outcome);
    for (const append of again.reverse()) {
      append.inHand = false;
      if (append.ended) continue;
      for (const part of allParts(append)) part.lane.putBack(part);
    }
  }

  private free(lanes: Iterable<Lane>): void {
    for (const lane of lanes) {
      lane.busy = false;
      if (lane.queue.length > 0) this.wake(lane);
      else this.release(lane);
    }
  }

  /** Lets go of a lane in which nothing waits; its head stays in the cache. */
  private release(lane: Lane): void {
    if (lane.busy || lane.scheduled || lane.queue.length > 0) return;
    if (lane.kind === 'aggregate' && lane.head) this.heads.put(lane.prefix, lane.head);
    if (this.lanes.get(lane.prefix) === lane) this.lanes.delete(lane.prefix);
  }

  private count(messages: number): void {
    if (messages === 1) {
      this.counts.plain++;
      return;
    }
    this.counts.batches++;
    this.counts.batchMessages += messages;
    this.counts.largestBatch = Math.max(this.counts.largestBatch, messages);
  }
}
