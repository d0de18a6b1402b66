import { isThenable } from '../state/reducer-failed.ts';
import type { RecordedEvent } from '../event/event-message.ts';
import type { DeadLetterError, DeadLetterKind } from '../dead-letter/dead-letter.ts';
import { deadLetterError, deadLetterReason } from '../dead-letter/dead-letter-error.ts';
import type { DeliveryCause, EventHandler, HandlerContext } from './event-handler.ts';
import { HandlerTimedOut } from './subscribe-errors.ts';
import { SubscriptionEnded } from './subscription-ended.ts';
import { type SubscriptionDefinition, backoffAfter } from './subscription-options.ts';

/** What becomes of an event after an attempt. */
export type HandlingOutcome =
  | { readonly type: 'handled' }
  | { readonly type: 'retry'; readonly delayMs: number; readonly error?: DeadLetterError; readonly reason: string }
  | {
      readonly type: 'dead-letter';
      readonly kind: DeadLetterKind;
      readonly reason: string;
      readonly error?: DeadLetterError;
    }
  /** The stop did not wait: nothing is known of the attempt, the event is handed over again. */
  | { readonly type: 'abandoned' };

/** How an event came here. */
export interface Delivery {
  /** From 1. */
  readonly attempt: number;
  readonly cause: DeliveryCause;
  readonly replayId?: string | undefined;
  /** Asked to keep the server from handing the event to another replica, when the handler extends its time. */
  readonly onExtend?: (() => void) | undefined;
}

/** A wait is at most as long as a step of the backoff may be. */
const DAY_MS = 86_400_000;

const HANDLED: HandlingOutcome = { type: 'handled' };

/** Runs a subscription's handler and decides, by the subscription's rules, what becomes of each event. */
export class EventHandling {
  private readonly running = new Set<Attempt>();

  constructor(
    private readonly definition: Pick<SubscriptionDefinition, 'name' | 'maxDeliver' | 'backoffMs'>,
    private readonly handler: EventHandler,
    private readonly handlerTimeoutMs: number,
    /** Called when the subscription cannot go on; the event's outcome is `'abandoned'`. */
    private readonly onEnded: (error: Error) => void = () => undefined,
  ) {}

  /**
   * Runs one attempt. Never rejects.
   *
   * @returns at once where the handler does: a promise for each event would halve the rate of quick handlers
   */
  handle(event: RecordedEvent, delivery: Delivery): HandlingOutcome | Promise<HandlingOutcome> {
    const attempt = new Attempt(this.definition, event, delivery, this.handlerTimeoutMs);
    let result: unknown;
    try {
      result = this.handler(event, attempt);
      if (!isThenable(result)) return attempt.succeeded();
    } catch (error) {
      return this.failed(attempt, error);
    }
    return this.settle(attempt, result as PromiseLike<unknown>);
  }

  /** Ends all attempts that run: their signals are aborted and their outcome no longer counts. */
  abandon(reason: Error): void {
    for (const attempt of this.running) attempt.abandon(reason);
  }

  private failed(attempt: Attempt, error: unknown): HandlingOutcome {
    if (!(error instanceof SubscriptionEnded)) return attempt.failed(error);
    this.onEnded(error.error);
    return { type: 'abandoned' };
  }

  private async settle(attempt: Attempt, result: PromiseLike<unknown>): Promise<HandlingOutcome> {
    this.running.add(attempt);
    try {
      return await Promise.race([
        attempt.endedFromOutside(),
        // A promise of another kind may throw, or call back twice.
        Promise.resolve(result).then(
          () => attempt.succeeded(),
          (error: unknown) => this.failed(attempt, error),
        ),
      ]);
    } finally {
      this.running.delete(attempt);
      attempt.close();
    }
  }
}

/** One run of the handler: its context, and what was said through it. */
class Attempt implements HandlerContext {
  private controller: AbortController | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private end: ((outcome: HandlingOutcome) => void) | undefined;
  private said: HandlingOutcome | undefined;

  constructor(
    private readonly definition: Pick<SubscriptionDefinition, 'name' | 'maxDeliver' | 'backoffMs'>,
    private readonly event: RecordedEvent,
    private readonly delivery: Delivery,
    private readonly timeoutMs: number,
  ) {
    if (delivery.replayId !== undefined) this.replayId = delivery.replayId;
  }

  declare readonly replayId?: string;

  get subscription(): string {
    return this.definition.name;
  }

  get attempt(): number {
    return this.delivery.attempt;
  }

  get position(): RecordedEvent['position'] {
    return this.event.position;
  }

  get cause(): DeliveryCause {
    return this.delivery.cause;
  }

  /** Made when it is asked for: most handlers never look at it. */
  get signal(): AbortSignal {
    this.controller ??= new AbortController();
    return this.controller.signal;
  }

  /** Getters, as the methods below: handlers take the context apart. */
  get extend(): () => void {
    return () => {
      if (this.timer === undefined) return;
      this.startTimer();
      this.delivery.onExtend?.();
    };
  }

  get retry(): HandlerContext['retry'] {
    return ({ delayMs, reason = 'the handler asked for another attempt' } = {}) => {
      this.said = this.again(deadLetterReason(reason), undefined, delayMs);
    };
  }

  get deadLetter(): HandlerContext['deadLetter'] {
    return (reason) => {
      this.said = { type: 'dead-letter', kind: 'rejected', reason: deadLetterReason(reason) };
    };
  }

  succeeded(): HandlingOutcome {
    return this.said ?? HANDLED;
  }

  failed(error: unknown): HandlingOutcome {
    if (this.said?.type === 'dead-letter') return { ...this.said, error: deadLetterError(error) };
    const described = deadLetterError(error);
    if (this.said?.type === 'retry') return this.again(described.message, described, this.said.delayMs);
    return this.again(described.message, described);
  }

  /** Fulfilled when the attempt ends without the handler: by its time, or because it is abandoned. */
  endedFromOutside(): Promise<HandlingOutcome> {
    return new Promise((resolve) => {
      this.end = resolve;
      this.startTimer();
    });
  }

  abandon(reason: Error): void {
    this.end?.({ type: 'abandoned' });
    this.controller ??= new AbortController();
    this.controller.abort(reason);
  }

  close(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private startTimer(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const error = new HandlerTimedOut(this.definition.name, this.timeoutMs);
      // First the outcome: what the handler does because of the signal no longer counts.
      this.end?.(this.again(error.message, deadLetterError(error)));
      this.controller ??= new AbortController();
      this.controller.abort(error);
    }, this.timeoutMs);
  }

  private again(reason: string, error?: DeadLetterError, delayMs?: number): HandlingOutcome {
    const { maxDeliver, backoffMs } = this.definition;
    const about = { reason, ...(error && { error }) };
    if (this.attempt >= maxDeliver) return { type: 'dead-letter', kind: 'attempts-exhausted', ...about };
    const wanted = Number.isNaN(delayMs) ? undefined : delayMs;
    const waitMs = wanted === undefined ? backoffAfter(this.attempt, backoffMs) : Math.min(Math.max(wanted, 0), DAY_MS);
    return { type: 'retry', delayMs: waitMs, ...about };
  }
}
