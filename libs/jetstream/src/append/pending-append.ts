import type { AppendResult, ExpectedVersion, PreparedAppend } from '@annals/core';
import type { Lane } from './lane.ts';
import type { StreamCommitter } from './stream-committer.ts';

/** An event as it waits: encoded, but for the version that the commit gives it. */
export interface EncodedEvent {
  readonly messageId: string;
  readonly type: string;
  readonly timestamp: string;
  /** The body's JSON without version. */
  readonly json: string;
  /** Its length in UTF-8. */
  readonly jsonBytes: number;
}

/** What an append wants from one lane. */
export interface PendingPart {
  readonly append: PendingAppend;
  /** Another object of the same prefix takes its place when nothing had waited there for a while. */
  lane: Lane;
  readonly events: readonly EncodedEvent[];
  readonly expected: ExpectedVersion;
  /** True once the lane's head was read from the leader after this part began to wait. */
  headIsFresh: boolean;
  /** The version before its first event in the try that is in flight. */
  base: number;
  /** Bases of tries that may still land, or may have landed unseen. */
  readonly uncertainBases: number[];
}

/** The marker of an idempotency key: the last message of its append. */
export interface PendingMarker {
  readonly part: PendingPart;
  readonly subject: string;
  readonly contentHash: string;
  /** What the caller called it; undefined when the message ids serve as the key. */
  readonly key: string | undefined;
}

/** Who keeps the account of what waits, and answers the caller. */
export interface AppendOwner {
  /** @returns false when the append had ended before */
  end(append: PendingAppend): boolean;
}

/** How an append answers its caller. */
export interface AppendAnswer {
  resolve(result: AppendResult): void;
  reject(error: unknown): void;
}

/** An append that waits for its commit. */
export class PendingAppend {
  /** In the order given; the marker's part is not among them. */
  parts: readonly PendingPart[] = NO_PARTS;
  marker: PendingMarker | undefined = undefined;
  /** Messages in the batch: events and marker. */
  messageCount: number;
  attempts = 0;
  /** True while it is part of a commit, or is being settled. */
  inHand = false;
  /** True once its caller was answered. */
  ended = false;

  constructor(
    readonly prepared: PreparedAppend,
    /** Of the stream that it goes to. */
    readonly committer: StreamCommitter,
    private readonly owner: AppendOwner,
    private readonly answer: AppendAnswer,
    readonly deadlineMs: number,
    readonly traceHeaders: string,
    readonly bytes: number,
    /** True when it should not share a commit with others. */
    readonly large: boolean,
  ) {
    this.messageCount = prepared.eventCount;
  }

  /** Ends it with its result, unless it has ended before. */
  resolve(result: AppendResult): void {
    this.ended = true;
    if (this.owner.end(this)) this.answer.resolve(result);
  }

  /** Ends it with an error, unless it has ended before. */
  reject(error: unknown): void {
    this.ended = true;
    if (this.owner.end(this)) this.answer.reject(error);
  }
}

const NO_PARTS: readonly PendingPart[] = [];

/** All parts of an append, the marker's last. */
export function allParts(append: PendingAppend): readonly PendingPart[] {
  return append.marker ? [...append.parts, append.marker.part] : append.parts;
}

/** True when a try of the append may have landed, or may still land. */
export function isUncertain(append: PendingAppend): boolean {
  return append.parts.some((part) => part.uncertainBases.length > 0);
}
