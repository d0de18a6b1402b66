import type { DeliveryCause, HandlerContext, Position, RecordedEvent } from '@annals/core';
import { BaseRpcContext } from '@nestjs/microservices';

/**
 * What `@Ctx()` gives to an `@EventPattern` handler: the event with its envelope, and what is known of the delivery.
 *
 * Guards, interceptors, pipes and exception filters get it by `host.switchToRpc().getContext()`.
 */
export class EventContext<T = unknown>
  extends BaseRpcContext<[event: RecordedEvent<T>, context: HandlerContext]>
  implements HandlerContext
{
  declare readonly replayId?: string;
  private noted: unknown;

  constructor(args: [event: RecordedEvent<T>, context: HandlerContext]) {
    super(args);
    const { replayId } = args[1];
    if (replayId !== undefined) this.replayId = replayId;
  }

  /** The event; `@Payload()` gives its data. */
  get event(): RecordedEvent<T> {
    return this.args[0];
  }

  get subscription(): string {
    return this.args[1].subscription;
  }

  get attempt(): number {
    return this.args[1].attempt;
  }

  get position(): Position {
    return this.args[1].position;
  }

  get cause(): DeliveryCause {
    return this.args[1].cause;
  }

  get signal(): AbortSignal {
    return this.args[1].signal;
  }

  extend(): void {
    this.args[1].extend();
  }

  retry(options?: { readonly delayMs?: number; readonly reason?: string }): void {
    this.args[1].retry(options);
  }

  deadLetter(reason: string): void {
    this.args[1].deadLetter(reason);
  }

  /** Keeps what was thrown: Nest's exception handling passes on "Internal server error" instead. */
  noteFailure(error: unknown): void {
    this.noted = error;
  }

  /** What was noted last. */
  get failure(): unknown {
    return this.noted;
  }
}
