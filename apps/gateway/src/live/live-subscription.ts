import { setTimeout as pause } from 'node:timers/promises';
import { type EventFilter, type EventStore, isAnnalsError } from '@annals/core';
import type { LiveFrame } from './live-frame.ts';
import type { HubMember, LiveHub } from './live-hub.ts';
import { type LivePage, isBefore, readLivePage, sinceTime } from './live-page.ts';
import { LivePositions } from './live-positions.ts';
import type { CheckedLiveStart } from './live-start.ts';
import type { Slots } from './slots.ts';

/** Where the events of a subscription go. */
export interface LiveOutput {
  /** Never waits: what does not fit into the network's buffers is kept. */
  event(frame: LiveFrame, cursor: string): void;
  caughtUp(cursor: string): void;
  /** True when so much is kept that no more should be given. */
  readonly isFull: boolean;
  /** Resolves when it is no longer full; rejects when the client is gone. */
  drained(): Promise<void>;
}

/** What a subscription needs beside its hub. */
export interface CatchUpMeans {
  /** The open store. @throws StoreUnavailable */
  readonly store: () => EventStore;
  /** Bounds how many read at the same time. */
  readonly slots: Slots;
  /** What may wait for a client, in bytes. */
  readonly bufferBytes: number;
  readonly onCatchUp: () => void;
}

const RETRY_PAUSE_MS = 250;

/**
 * One client's events by one filter: what is stored by reading, page by page at the client's own pace, then those of the
 * hub as they come. It joins the hub without a gap and without doubling, by position; a client that cannot keep up leaves
 * it again and reads, so that nothing is kept for it but its position.
 */
export class LiveSubscription implements HubMember {
  #mode: 'reading' | 'joining' | 'live' = 'reading';
  readonly #positions: LivePositions;
  /** True when it is exactly where the hub is, so that the hub's cursors are its own. */
  #inStep: boolean;
  readonly #recordedFrom: string | undefined;
  /** What the hub handed out while the last page was read. */
  #waiting: LiveFrame[] = [];
  #waitingBytes = 0;
  #toldCaughtUp = false;
  #failure: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;

  constructor(
    private readonly hub: LiveHub,
    start: CheckedLiveStart,
    private readonly output: LiveOutput,
    private readonly means: CatchUpMeans,
  ) {
    this.#inStep = start === 'now';
    this.#positions = startingPositions(start, hub.positions);
    this.#recordedFrom = typeof start === 'object' && 'recordedFrom' in start ? start.recordedFrom : undefined;
    if (start === 'now') this.#mode = 'joining';
    // From the moment of its making: what comes before it runs is kept.
    hub.join(this);
  }

  /** Where a client that is cut off goes on. */
  get cursor(): string {
    return this.#positions.cursor;
  }

  /**
   * Runs until the signal is aborted.
   *
   * @throws what the hub or the store fails with, and what the output rejects with
   */
  async run(signal: AbortSignal): Promise<void> {
    const wakeUp = (): void => this.#wakeUp();
    signal.addEventListener('abort', wakeUp);
    try {
      if (this.#mode === 'joining') this.#goLive();
      while (!signal.aborted) {
        if (this.#failure) throw this.#failure.error;
        if (this.#mode !== 'live') await this.#catchUp(signal);
        else {
          this.#tellCaughtUp();
          await new Promise<void>((resolve) => (this.#wake = resolve));
        }
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      signal.removeEventListener('abort', wakeUp);
      this.hub.leave(this);
      this.#forgetWaiting();
    }
  }

  take(frame: LiveFrame): void {
    if (this.#mode === 'live') {
      if (!this.output.isFull) return this.#hand(frame, true);
      // Read again later, when there is room.
      this.#mode = 'reading';
      this.#inStep = false;
      this.#wakeUp();
    } else if (this.#mode === 'joining') {
      this.#waiting.push(frame);
      this.#waitingBytes += frame.bytes;
      if (this.#waitingBytes > this.means.bufferBytes) this.#stopJoining();
    }
  }

  fail(error: unknown): void {
    this.#failure = { error };
    this.#wakeUp();
  }

  /** Reads one page, and joins the hub where that was the last. */
  async #catchUp(signal: AbortSignal): Promise<void> {
    await this.output.drained();
    this.#mode = 'joining';
    const reached = this.hub.positions.copy();
    const page = await this.#readPage(signal);
    if (!page || !page.isLast) this.#stopJoining();
    for (const frame of page?.frames ?? []) {
      if (this.output.isFull) await this.output.drained();
      if (signal.aborted) return;
      this.#hand(frame, false);
    }
    if (this.#mode !== 'joining') return;
    // Everything that the hub had handed out before the page was begun is in it or before it.
    this.#positions.advanceTo(reached);
    this.#goLive();
  }

  #goLive(): void {
    for (const frame of this.#waiting) this.#hand(frame, false);
    this.#forgetWaiting();
    this.#mode = 'live';
  }

  /** Undefined where the store could not be read just now. */
  async #readPage(signal: AbortSignal): Promise<LivePage | undefined> {
    const { slots, store, bufferBytes, onCatchUp } = this.means;
    const filter: EventFilter = sinceTime(this.hub.filter, this.#recordedFrom);
    try {
      return await slots.run(() => {
        onCatchUp();
        return readLivePage(store(), filter, this.#positions, bufferBytes, signal);
      });
    } catch (error) {
      if (!isAnnalsError(error) || error.code !== 'store-unavailable') throw error;
      await pause(RETRY_PAUSE_MS, undefined, { signal });
      return undefined;
    }
  }

  #hand(frame: LiveFrame, fromHub: boolean): void {
    if (!this.#positions.advance(frame.stream, frame.sequence) || isBefore(frame, this.#recordedFrom)) return;
    if (fromHub && !this.#inStep) this.#inStep = this.#positions.equals(this.hub.positions);
    this.output.event(frame, fromHub && this.#inStep ? frame.cursor : this.#positions.cursor);
  }

  #tellCaughtUp(): void {
    if (this.#toldCaughtUp) return;
    this.#toldCaughtUp = true;
    this.output.caughtUp(this.cursor);
  }

  #stopJoining(): void {
    this.#mode = 'reading';
    this.#forgetWaiting();
  }

  #forgetWaiting(): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}

function startingPositions(start: CheckedLiveStart, hub: LivePositions): LivePositions {
  if (start === 'now') return hub.copy();
  if (typeof start === 'object' && 'after' in start) return new LivePositions(start.after).within(hub);
  return new LivePositions();
}
