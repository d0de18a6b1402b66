import {
  type AppendAllOptions,
  type AppendPart,
  type AppendResult,
  CrossStreamAppend,
  type MessageIdSource,
  Overloaded,
  PayloadTooLarge,
  type PreparedAppend,
  StoreClosed,
  StoreUnavailable,
  prepareAppend,
} from '@annals/core';
import type { RequestChannel } from '../connection/request-channel.ts';
import type { LeaderReader } from '../read/leader-reader.ts';
import type { Topology } from '../topology/topology.ts';
import { CommitSender } from './commit-sender.ts';
import { GatherPolicy } from './gather-policy.ts';
import { HeadCache } from './head-cache.ts';
import { LandedAppends } from './landed-appends.ts';
import type { AppendOwner, PendingAppend } from './pending-append.ts';
import { pendingAppend } from './queue-append.ts';
import { Settler } from './settler.ts';
import { type CommitCounts, StreamCommitter } from './stream-committer.ts';

/** What the appender is made of. */
export interface AppenderOptions {
  readonly channel: RequestChannel;
  readonly leader: LeaderReader;
  readonly topology: Topology;
  /** Copies of each stream. */
  readonly replicas: ReadonlyMap<string, number>;
  readonly requestTimeoutMs: number;
  readonly appendTimeoutMs: number;
  readonly idempotencyTtlMs: number;
  readonly maxPendingEvents: number;
  readonly maxPendingBytes: number;
  readonly headCacheSize: number;
  readonly newMessageId: MessageIdSource;
  /** Milliseconds since 1970, for timestamps and ids. */
  readonly nowMs: () => number;
}

/** Deadlines do not follow a clock that is set. */
const monotonicMs = (): number => performance.now();
/** An append whose commit takes so much longer than its deadline is answered without it. */
const GRACE_MS = 1_000;

const SWEEP_MS = 100;

/** Appends events: checks, encodes and bounds what waits, and hands it to the committer of its stream. */
export class Appender implements AppendOwner {
  private readonly committers = new Map<string, StreamCommitter>();
  private readonly headCaches = new Map<string, HeadCache>();
  private readonly settler: Settler;
  private readonly waiting = new Set<PendingAppend>();
  private readonly sweeper: NodeJS.Timeout;
  private pendingEvents = 0;
  private pendingBytes = 0;
  private closed = false;
  private whenIdle: (() => void) | undefined;

  constructor(private readonly options: AppenderOptions) {
    const { channel, leader, topology, replicas } = options;
    this.settler = new Settler(leader, new LandedAppends(leader), monotonicMs);
    const sender = new CommitSender(channel, options.requestTimeoutMs);
    for (const binding of topology.bindings) {
      const heads = new HeadCache(options.headCacheSize);
      const policy = new GatherPolicy(replicas.get(binding.name) ?? 1, () => performance.now());
      this.headCaches.set(binding.name, heads);
      this.committers.set(
        binding.name,
        new StreamCommitter(binding, sender, this.settler, heads, policy, options.idempotencyTtlMs),
      );
    }
    this.sweeper = setInterval(() => this.endOverdue(), SWEEP_MS);
    this.sweeper.unref();
  }

  /** See `EventStore.appendAll`. */
  append(parts: readonly AppendPart[], options: AppendAllOptions | undefined): Promise<AppendResult> {
    return new Promise((resolve, reject) => {
      if (this.closed) throw new StoreClosed();
      const { newMessageId, nowMs } = this.options;
      const prepared = prepareAppend(parts, options, newMessageId, nowMs);
      const committer = this.committerOf(prepared);
      const append = pendingAppend(prepared, committer, this.headCaches.get(committer.binding.name)!, {
        owner: this,
        answer: { resolve, reject },
        given: parts,
        deadlineMs: monotonicMs() + this.options.appendTimeoutMs,
        maxPayloadBytes: this.options.channel.maxPayloadBytes,
      });
      this.admit(append);
      committer.submit(append);
    });
  }

  /** A sequence that a read must have seen to know all of the aggregate that this process was told. */
  knownSequence(stream: string, aggregatePrefix: string): number {
    return this.headCaches.get(stream)?.knownSequence(aggregatePrefix) ?? 0;
  }

  /** What the committers did since the start, by stream. */
  counts(): ReadonlyMap<string, CommitCounts> {
    return new Map([...this.committers].map(([stream, committer]) => [stream, committer.counts]));
  }

  /** Takes no more appends and waits for those it has. */
  async close(): Promise<void> {
    this.closed = true;
    if (this.waiting.size > 0) await new Promise<void>((resolve) => (this.whenIdle = resolve));
    clearInterval(this.sweeper);
  }

  private committerOf({ parts }: PreparedAppend): StreamCommitter {
    const { topology } = this.options;
    const first = topology.bindingOf(parts[0]!.aggregate?.type);
    for (let i = 1; i < parts.length; i++) {
      const other = topology.bindingOf(parts[i]!.aggregate?.type);
      if (other !== first) throw new CrossStreamAppend([first.name, other.name].sort());
    }
    return this.committers.get(first.name)!;
  }

  private admit(append: PendingAppend): void {
    const refusal = this.refusalOf(append);
    if (refusal) {
      append.committer.withdraw(append);
      throw refusal;
    }
    this.pendingEvents += append.prepared.eventCount;
    this.pendingBytes += append.bytes;
    this.waiting.add(append);
  }

  private refusalOf({ bytes, prepared }: PendingAppend): Error | undefined {
    const { maxPendingBytes, maxPendingEvents } = this.options;
    if (bytes > maxPendingBytes) return new PayloadTooLarge(maxPendingBytes, bytes, 0);
    if (this.waiting.size === 0) return undefined;
    const tooMany = this.pendingEvents + prepared.eventCount > maxPendingEvents;
    const tooMuch = this.pendingBytes + bytes > maxPendingBytes;
    return tooMany || tooMuch ? new Overloaded(this.pendingEvents, this.pendingBytes) : undefined;
  }

  /** Settles the account of an append; false when it had ended before. */
  end(append: PendingAppend): boolean {
    if (!this.waiting.delete(append)) return false;
    this.pendingEvents -= append.prepared.eventCount;
    this.pendingBytes -= append.bytes;
    if (this.waiting.size === 0) this.whenIdle?.();
    return true;
  }

  /** Ends what waited too long in a queue; what is in hand looks at its deadline itself, where nothing holds it up. */
  private endOverdue(): void {
    const now = monotonicMs();
    for (const append of this.waiting) {
      // In the order of arrival, so the first one that is in time ends the search.
      if (append.deadlineMs > now) return;
      if (append.inHand) {
        if (append.deadlineMs + GRACE_MS < now) this.settler.leaveOpen(append);
        continue;
      }
      append.committer.withdraw(append);
      this.settler.giveUp(append, new StoreUnavailable('the append was not done within its time'));
    }
  }
}
