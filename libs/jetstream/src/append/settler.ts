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
import type { LeaderReader } from '../read/leader-reader.ts';
import { versionInSubject } from '../subject/subject-map.ts';
import type { StreamBinding } from '../topology/stream-binding.ts';
import { resultOfMarker } from './append-result.ts';
import type { Commit } from './commit.ts';
import type { CommitOutcome } from './commit-sender.ts';
import { decodeMarker } from './idempotency-marker.ts';
import { type Lane, NO_HEAD } from './lane.ts';
import type { LandedAppends } from './landed-appends.ts';
import { allParts, isUncertain, type PendingAppend } from './pending-append.ts';

type Failure = Exclude<CommitOutcome, { kind: 'landed' }>;

/** An append that is refused so often meets more writers than retries can help. */
const MAX_ATTEMPTS = 200;
/** From this try on a retry waits a little, so that many writers do not march in step. */
const JITTER_FROM_ATTEMPT = 4;
const RETRY_PAUSE_MS = 50;
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
        lane.head = await this.retrying(deadlineMs, () => this.readHead(binding, lane));
        for (const part of lane.queue) part.headIsFresh = true;
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
    const moved = new Set(lanes.filter((lane) => lane.head!.sequence !== lane.headBefore.sequence));
    for (const lane of lanes.length === 1 ? lanes : moved) lane.markSuspect(performance.now());

    const again: PendingAppend[] = [];
    for (const append of commit.appends) {
      if (await this.concludes(binding, append)) continue;
      if (moved.size > 0 && failure.kind === 'unknown') for (const part of append.parts) part.uncertainBases.pop();
      forgetDeadTries(append, moved);
      for (const part of allParts(append)) part.headIsFresh = true;
      again.push(append);
    }
    await this.slowDown(again, failure, moved.size > 0);
    return again;
  }

  /**
   * Ends an append that its heads contradict: with its first result where it is a repetition, else with a conflict.
   *
   * @returns `'again'` when only a marker stood in its way that is gone by now
   */
  async refuse(binding: StreamBinding, append: PendingAppend): Promise<'ended' | 'again'> {
    try {
      const result = await this.retrying(append.deadlineMs, () => this.earlierResult(binding, append));
      const contradiction = contradictionOf(append);
      if (result) append.resolve(result);
      else if (contradiction) append.reject(contradiction);
      else {
        append.marker!.part.lane.head = undefined;
        return 'again';
      }
    } catch (error) {
      this.giveUp(append, error);
    }
    return 'ended';
  }

  /** Rejects with what is true of an append that could not be brought to an end. */
  giveUp(append: PendingAppend, error: unknown): void {
    if (!isUncertain(append) || (isAnnalsError(error) && error.code === 'idempotency-key-reused')) {
      append.reject(isAnnalsError(error) ? error : unavailable(error));
      return;
    }
    const ids = append.prepared.parts.flatMap((part) => part.events.map((event) => event.messageId));
    append.reject(new AppendOutcomeUnknown(ids, { cause: error }));
  }

  /** True when the append is at its end: it had landed, or it is out of tries or time. */
  private async concludes(binding: StreamBinding, append: PendingAppend): Promise<boolean> {
    try {
      if (append.marker || isUncertain(append)) {
        const result = await this.retrying(append.deadlineMs, () => this.earlierResult(binding, append));
        if (result) {
          append.resolve(result);
          return true;
        }
      }
    } catch (error) {
      this.giveUp(append, error);
      return true;
    }
    if (append.attempts >= MAX_ATTEMPTS) {
      this.giveUp(append, tooContended(append));
      return true;
    }
    if (this.nowMs() < append.deadlineMs) return false;
    this.giveUp(append, new StoreUnavailable('the append was not done within its time'));
    return true;
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
    else if (inFlight && !moved) await pause(1 + Math.random() * 3);
    else if (attempts >= JITTER_FROM_ATTEMPT) await pause(Math.random() * Math.min(20, attempts));
  }

  private async readHead(binding: StreamBinding, lane: Lane) {
    const message = await this.leader.message(binding.name, { last_by_subj: lane.filter });
    if (!message) return NO_HEAD;
    const hash = headerValue(message.headers, HEADER.hash);
    return {
      version: lane.kind === 'aggregate' ? versionInSubject(message.subject, lane.prefix) : 1,
      sequence: message.sequence,
      hash: hash ?? CHAIN_START,
    };
  }

  private async retrying<T>(deadlineMs: number, act: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await act();
      } catch (error) {
        const lasting = isAnnalsError(error) && !error.retryable;
        const pauseMs = Math.min(RETRY_PAUSE_MS * attempt, MAX_RETRY_PAUSE_MS) * (0.5 + Math.random());
        if (lasting || this.nowMs() + pauseMs >= deadlineMs) throw error;
        await pause(pauseMs);
      }
    }
  }
}

/** The commit's outcome is open: its events may come to stand after these bases. The newest one is the last. */
function noteUncertain(append: PendingAppend): void {
  for (const part of append.parts) part.uncertainBases.push(part.base);
}

/** A head that moved contradicts the expectation of every earlier try on it, and a batch lands whole or not at all. */
function forgetDeadTries(append: PendingAppend, moved: ReadonlySet<Lane>): void {
  if (!allParts(append).some((part) => moved.has(part.lane))) return;
  for (const part of append.parts) part.uncertainBases.length = 0;
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
  if (!aggregate) return new StoreUnavailable(`${append.attempts} attempts to append were refused`);
  return new ConcurrencyError(aggregate, part.expected, head?.version ?? 0);
}

function refusal(error: { err_code: number; description: string }): StoreUnavailable {
  return new StoreUnavailable(`the stream refused the append (${error.err_code}: ${error.description})`, {
    cause: error,
  });
}
