import {
  type ActiveSubscription,
  type EventHandler,
  type EventStore,
  EventHandling,
  type HandlingCounts,
  type HandlingOutcome,
  type Logger,
  type RecordedEvent,
  type StartFrom,
  StoreClosed,
  type SubscriptionFilter,
  type UpcastFailurePolicy,
} from '@annals/core';

/** What a live subscription gets and how long a handler may take. */
export interface LiveDefinition {
  readonly name: string;
  readonly filter: SubscriptionFilter;
  readonly from: StartFrom;
  readonly handlerTimeoutMs: number;
  /** `'dead-letter'` leaves the event behind, as one that a handler fails on. */
  readonly onUpcastFailure: UpcastFailurePolicy;
}

/**
 * Hands over events one after the other while this process runs; nothing of it is kept by the store. What a handler
 * fails on is logged and left behind.
 */
export class LiveSubscription implements ActiveSubscription {
  readonly name: string;
  readonly finished: Promise<void>;
  private readonly handling: EventHandling;
  private readonly controller = new AbortController();
  private readonly begun: Promise<void>;
  private begin!: () => void;
  private handled = 0;
  private failed = 0;
  private inHand = 0;
  private over = false;
  private ended: Error | undefined;

  private constructor(
    private readonly store: Pick<EventStore, 'follow'>,
    private readonly definition: LiveDefinition,
    handler: EventHandler,
    private readonly logger: Logger,
  ) {
    this.name = definition.name;
    const once = { name: this.name, maxDeliver: 1, backoffMs: [0] };
    this.handling = new EventHandling(once, handler, definition.handlerTimeoutMs, (error) => (this.ended = error));
    this.begun = new Promise((resolve) => (this.begin = resolve));
    this.finished = this.run();
  }

  /** Fulfilled when every event stored from now on will be seen. @throws ValidationError, StoreUnavailable, StoreClosed */
  static async start(
    store: Pick<EventStore, 'follow'>,
    definition: LiveDefinition,
    handler: EventHandler,
    logger: Logger,
  ): Promise<LiveSubscription> {
    const live = new LiveSubscription(store, definition, handler, logger);
    await Promise.race([live.begun, live.finished]);
    return live;
  }

  get state(): ActiveSubscription['state'] {
    return this.over ? 'stopped' : 'active';
  }

  get counts(): HandlingCounts {
    return { handled: this.handled, retried: 0, deadLettered: this.failed, inHand: this.inHand };
  }

  async stop({ timeoutMs = 10_000 }: { readonly timeoutMs?: number } = {}): Promise<void> {
    this.controller.abort(new StoreClosed());
    const patience = setTimeout(
      () => this.handling.abandon(new Error(`${this.name} was stopped, and ${timeoutMs} ms later it still ran`)),
      timeoutMs,
    );
    await this.finished.catch(() => {});
    clearTimeout(patience);
  }

  private async run(): Promise<void> {
    const { signal } = this.controller;
    const { filter, from } = this.definition;
    try {
      for await (const event of this.store.follow(filter, { from, signal, onCaughtUp: this.begin })) {
        this.begin();
        if (signal.aborted) return;
        await this.handle(event);
        if (this.ended) throw this.ended;
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      this.over = true;
    }
  }

  private async handle(event: RecordedEvent): Promise<void> {
    this.inHand = 1;
    const outcome = await this.handling.handle(event, { attempt: 1, cause: 'subscription' });
    this.inHand = 0;
    if (outcome.type === 'handled') this.handled += 1;
    else if (!this.ended) this.leaveBehind(event, outcome);
  }

  private leaveBehind(event: RecordedEvent, outcome: HandlingOutcome): void {
    this.failed += 1;
    const { stream, sequence } = event.position;
    const reason = 'reason' in outcome ? outcome.reason : 'it was stopped meanwhile';
    const stack = 'error' in outcome ? outcome.error?.stack : undefined;
    this.logger.error('a live subscription left an event behind; one with a name tries again', {
      subscription: this.name,
      type: event.type,
      messageId: event.messageId,
      position: `${stream}:${sequence}`,
      reason,
      ...(stack !== undefined && { stack }),
    });
  }
}
