import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import {
  AppendOutcomeUnknown,
  type AppendResult,
  CHAIN_START,
  ConcurrencyError,
  IdempotencyKeyReused,
  StoreUnavailable,
  ValidationError,
  isAnnalsError,
  satisfiesExpectation,
} from '@annals/core';
import { JETSTREAM_CODE } from '../error/jetstream-codes.ts';
import { unavailable } from '../error/unavailable.ts';
import { HEADER } from '../header/header-names.ts';
import { headerValue } from '../header/header-block.ts';
import { RequestFailed } from '../connection/request-failed.ts';
import type { LeaderReader } from '../read/leader-reader.ts';
import { checkVersion } from '../read/stored-message.ts';
import { versionInSubject } from '../subject/subject-map.ts';
import type { StreamBinding } from '../topology/stream-binding.ts';
import { resultOfMarker } from './append-result.ts';
import type { Commit } from './commit.ts';
import type { CommitOutcome } from './commit-sender.ts';
import { decodeMarker } from './idempotency-marker.ts';
import { type Lane, NO_HEAD } from './lane.ts';
import type { LandedAppends } from './landed-appends.ts';
import { allParts, isUncertain, type PendingAppend } from './pending-append.ts';
import { dropNewestBase, forgetDeadTries, forgetOvertakenBases, noteUncertain } from './uncertain-tries.ts';

type Failure = Exclude<CommitOutcome, { kind: 'landed' }>;

/** An append that is refused so often meets more writers than retries can help. */
const MAX_ATTEMPTS = 200;
/** From this try on a retry waits a little, so that many writers do not march in step. */
const JITTER_FROM_ATTEMPT = 4;
const RETRY_PAUSE_MS = 50;
/** Copies that are slow to confirm an earlier event are given up to so many times the first pause. */
const MAX_IN_FLIGHT_PAUSES = 20;
const MAX_RETRY_PAUSE_MS = 500;

/**
 * Decides what becomes of appends whose commit did not simply land: asks the leader for the heads, recognises what landed
 * all the same by its message ids, refuses what cannot succeed, and hands back what should be tried again.
 */
export class Settler {
  constructor(
    private readonly leader: LeaderReader,
    private readonly landedAppends: LandedAppends,
    private readonly nowMs: () => number,
  ) {}

  /**
   * Reads lanes' heads from the leader and marks all that waits in them as fresh. Tries again until the deadline.
   *
   * @throws StoreUnavailable, CorruptEvent
   */
  async readHeads(binding: StreamBinding, lanes: readonly Lane[], deadlineMs: number): Promise<void> {
    await Promise.all(
      lanes.map(async (lane) => {
        // What begins to wait while the answer is on its way may know of newer events than it does.
        const waiting = [...lane.queue];
        lane.head = await this.retrying(deadlineMs, () => this.readHead(binding, lane));
        for (const part of waiting) part.headIsFresh = true;
      }),
    );
  }

  /** @returns appends to be tried again, in the order of the commit */
  async settle(binding: StreamBinding, commit: Commit, failure: Failure): Promise<PendingAppend[]> {
    if (failure.kind === 'refused') return this.rejectAll(commit, refusal(failure.error));
    if (failure.kind === 'unsent') return this.retryUnsent(commit, failure.cause);

    const { lanes } = commit;
    if (failure.kind === 'unknown') for (const append of commit.appends) noteUncertain(append);
    try {
      const deadlineMs = Math.max(...commit.appends.map((append) => append.deadlineMs));
      await this.readHeads(binding, lanes, deadlineMs);
    } catch (error) {
      return this.rejectAll(commit, error);
    }
    // A head that went back says nothing of the try: it may come from a leader that is none any more.
    const moved = new Set(lanes.filter((lane) => lane.head!.sequence > lane.headBefore.sequence));
    for (const lane of lanes.length === 1 || moved.size === 0 ? lanes : moved) lane.markSuspect(performance.now());

    const again: PendingAppend[] = [];
    let landed = false;
    for (const append of commit.appends) {
      const conclusion = await this.conclude(binding, append);
      if (conclusion === 'landed') landed = true;
      if (conclusion === 'open') again.push(append);
    }
    for (const append of again) {
      // A batch that has landed may not be visible whole yet: then nothing is known to be dead.
      if (!landed && moved.size > 0 && failure.kind === 'unknown') dropNewestBase(append);
      if (!landed) forgetDeadTries(append, moved);
      for (const part of allParts(append)) part.headIsFresh = true;
    }
    await this.slowDown(again, failure, moved.size > 0);
    return again;
  }

  /**
   * Ends an append that its heads contradict: with its first result where it is a repetition, else with a conflict.
   *
   * @returns `'again'` when what stood in its way is gone by now: a marker, or a head that was known wrongly
   */
  async refuse(binding: StreamBinding, append: PendingAppend): Promise<'ended' | 'again'> {
    try {
      const result = await this.retrying(append.deadlineMs, () => this.earlierResult(binding, append));
      if (result) {
        append.resolve(result);
        return 'ended';
      }
      await this.askLeader(binding, append);
      const contradiction = contradictionOf(append);
      if (!contradiction) {
        if (append.marker) append.marker.part.lane.head = undefined;
        return 'again';
      }
      forgetOvertakenBases(append);
      this.giveUp(append, contradiction);
    } catch (error) {
      this.giveUp(append, error);
    }
    return 'ended';
  }

  /** Answers an append that is in hand for too long: nothing is known of it. */
  leaveOpen(append: PendingAppend): void {
    append.reject(new AppendOutcomeUnknown(messageIdsOf(append)));
  }

  /** Rejects with what is true of an append that could not be brought to an end. */
  giveUp(append: PendingAppend, error: unknown): void {
    if (!isUncertain(append) || (isAnnalsError(error) && error.code === 'idempotency-key-reused')) {
      append.reject(isAnnalsError(error) ? error : unavailable(error));
      return;
    }
    append.reject(new AppendOutcomeUnknown(messageIdsOf(append), { cause: error }));
  }

  /** The heads that the append is judged by, as the leader knows them; what was known may be older, or of a stream that was restored. */
  private async askLeader(binding: StreamBinding, append: PendingAppend): Promise<void> {
    await Promise.all(
      append.parts
        .filter(({ headIsFresh, lane }) => !headIsFresh && !lane.busy)
        .map(async (part) => {
          part.lane.head = await this.retrying(append.deadlineMs, () => this.readHead(binding, part.lane));
        }),
    );
  }

  /** `'landed'`: it is answered with its result; `'ended'`: it is out of tries or time; `'open'`: it is to be tried again. */
  private async conclude(binding: StreamBinding, append: PendingAppend): Promise<'landed' | 'ended' | 'open'> {
    try {
      if (append.marker || isUncertain(append)) {
        const result = await this.retrying(append.deadlineMs, () => this.earlierResult(binding, append));
        if (result) {
          append.resolve(result);
          return 'landed';
        }
      }
    } catch (error) {
      this.giveUp(append, error);
      return 'ended';
    }
    if (append.attempts >= MAX_ATTEMPTS) {
      this.giveUp(append, tooContended(append));
      return 'ended';
    }
    if (this.nowMs() < append.deadlineMs) return 'open';
    this.giveUp(append, new StoreUnavailable('the append was not done within its time'));
    return 'ended';
  }

  /** The result of an earlier landing of the same append: by its marker, else by its message ids. */
  private async earlierResult(binding: StreamBinding, append: PendingAppend): Promise<AppendResult | undefined> {
    const { marker } = append;
    if (marker) {
      const message = await this.leader.message(binding.name, { last_by_subj: marker.subject });
      const marked = message && decodeMarker(message);
      if (marked) {
        if (marked.contentHash !== marker.contentHash) {
          throw new IdempotencyKeyReused(marker.key ?? append.prepared.parts[0]!.events[0]!.messageId);
        }
        return resultOfMarker(binding, append, marked);
      }
    }
    return this.landedAppends.find(binding, append);
  }

  private async retryUnsent(commit: Commit, cause: unknown): Promise<PendingAppend[]> {
    if (isClosed(cause)) return this.rejectAll(commit, unavailable(cause));
    const soonest = Math.min(...commit.appends.map((append) => append.deadlineMs));
    const pauseMs = Math.min(RETRY_PAUSE_MS * commit.appends[0]!.attempts, MAX_RETRY_PAUSE_MS);
    await pause(Math.max(0, Math.min(pauseMs, soonest - this.nowMs())));
    const again: PendingAppend[] = [];
    for (const append of commit.appends) {
      if (this.nowMs() < append.deadlineMs) again.push(append);
      else this.giveUp(append, unavailable(cause));
    }
    return again;
  }

  private rejectAll(commit: Commit, error: unknown): PendingAppend[] {
    for (const append of commit.appends) this.giveUp(append, error);
    return [];
  }

  private async slowDown(again: readonly PendingAppend[], failure: Failure, moved: boolean): Promise<void> {
    const attempts = again[0]?.attempts ?? 0;
    if (attempts === 0) return;
    const inFlight = failure.kind === 'conflict' && failure.code === JETSTREAM_CODE.expectationInFlight;
    if (failure.kind === 'unknown') await pause(Math.min(RETRY_PAUSE_MS * attempts, MAX_RETRY_PAUSE_MS));
    else if (inFlight && !moved) await pause((1 + Math.random() * 3) * Math.min(attempts, MAX_IN_FLIGHT_PAUSES));
    else if (attempts >= JITTER_FROM_ATTEMPT) await pause(Math.random() * Math.min(20, attempts));
  }

  private async readHead(binding: StreamBinding, lane: Lane) {
    const message = await this.leader.message(binding.name, { last_by_subj: lane.filter });
    if (!message) return NO_HEAD;
    const hash = headerValue(message.headers, HEADER.hash);
    return {
      version: lane.kind === 'aggregate' ? checkVersion(versionInSubject(message.subject, lane.prefix), message) : 1,
      sequence: message.sequence,
      hash: hash ?? CHAIN_START,
    };
  }

  private async retrying<T>(deadlineMs: number, act: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await act();
      } catch (error) {
        const lasting = (isAnnalsError(error) && !error.retryable) || isClosed(error);
        const pauseMs = Math.min(RETRY_PAUSE_MS * attempt, MAX_RETRY_PAUSE_MS) * (0.5 + Math.random());
        if (lasting || this.nowMs() + pauseMs >= deadlineMs) throw error;
        await pause(pauseMs);
      }
    }
  }
}

function messageIdsOf(append: PendingAppend): string[] {
  return append.prepared.parts.flatMap((part) => part.events.map((event) => event.messageId));
}

/** The error of the first part that its head contradicts, or undefined when none is contradicted. */
function contradictionOf(append: PendingAppend): ConcurrencyError | ValidationError | undefined {
  for (const { lane, expected, events } of append.parts) {
    const version = lane.head?.version ?? 0;
    if (satisfiesExpectation(expected, version)) continue;
    if (lane.aggregate) return new ConcurrencyError(lane.aggregate, expected, version);
    const message = `${events[0]!.messageId} belongs to an event that another append stored before`;
    return new ValidationError([{ path: 'events.messageId', message }]);
  }
  return undefined;
}

function tooContended(append: PendingAppend): Error {
  const part = append.parts.find(({ lane }) => lane.aggregate) ?? append.parts[0]!;
  const { aggregate, head } = part.lane;
  const version = head?.version ?? 0;
  if (!aggregate || (typeof part.expected === 'number' && part.expected === version)) {
    return new StoreUnavailable(`${append.attempts} attempts to append were refused`);
  }
  return new ConcurrencyError(aggregate, part.expected, version);
}

/** The connection is gone for good: waiting would not bring it back. */
function isClosed(error: unknown): boolean {
  const cause = error instanceof RequestFailed ? error : (error as Error | undefined)?.cause;
  return cause instanceof RequestFailed && cause.reason === 'closed';
}

function refusal(error: { err_code: number; description: string }): StoreUnavailable {
  return new StoreUnavailable(`the stream refused the append (${error.err_code}: ${error.description})`, {
    cause: error,
  });
}
