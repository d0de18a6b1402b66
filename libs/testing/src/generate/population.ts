import type { AggregateKind, AggregateLife, Cause, Surroundings } from './aggregate-life.ts';
import type { GeneratedEvent } from './generated-event.ts';
import type { Random } from './random.ts';

const MAX_CAUSES = 64;

/** All aggregates there are: begins them, counts them, lets them speak. Remembers only what is still open. */
export class Population implements Surroundings {
  private readonly begun = new Map<string, number>();
  private readonly causes = new Map<string, Cause[]>();

  constructor(
    private readonly seed: string,
    readonly random: Random,
  ) {
    // Kinds take these out of the argument by destructuring.
    this.someId = this.someId.bind(this);
  }

  /** Begins an aggregate of a kind drawn by weight. */
  beginAnyOf(kinds: readonly AggregateKind[]): AggregateLife {
    let ticket = this.random.below(kinds.reduce((sum, kind) => sum + kind.weight, 0));
    const kind = kinds.find((candidate) => (ticket -= candidate.weight) < 0)!;
    return this.begin(kind, kind.size(this.random));
  }

  /** Begins an aggregate that will have `size` events. */
  begin(kind: AggregateKind, size: number): AggregateLife {
    const number = (this.begun.get(kind.aggregateType) ?? 0) + 1;
    this.begun.set(kind.aggregateType, number);
    const id = this.idOf(kind.aggregateType, number);
    return { kind, id, number, size, version: 0, correlationId: undefined, causationId: undefined, memory: {} };
  }

  /** The next event of a life. */
  advance(life: AggregateLife, index: number, timestamp: string): GeneratedEvent {
    const { type, data, userId, causes } = life.kind.next(life, this);
    const messageId = `gen-${this.seed}-${index}`;
    life.version += 1;
    life.correlationId ??= messageId;
    const { causationId, correlationId } = life;
    life.causationId = messageId;
    if (causes !== undefined) this.leaveCause(causes, { aggregateId: life.id, messageId, correlationId, userId });
    return {
      aggregate: { type: life.kind.aggregateType, id: life.id },
      version: life.version,
      event: {
        type,
        data,
        messageId,
        timestamp,
        correlationId,
        ...(causationId !== undefined && { causationId }),
        ...(userId !== undefined && { userId }),
      },
    };
  }

  someId(aggregateType: string): string {
    const count = this.begun.get(aggregateType) ?? 0;
    // The smaller of two draws: what exists for long is mentioned more often.
    const number = 1 + Math.min(this.random.below(Math.max(1, count)), this.random.below(Math.max(1, count)));
    return this.idOf(aggregateType, number);
  }

  takeCause(aggregateType: string): Cause | undefined {
    return this.causes.get(aggregateType)?.shift();
  }

  private leaveCause(aggregateType: string, cause: Cause): void {
    const waiting = this.causes.get(aggregateType) ?? [];
    this.causes.set(aggregateType, waiting);
    waiting.push(cause);
    if (waiting.length > MAX_CAUSES) waiting.shift();
  }

  private idOf(aggregateType: string, number: number): string {
    return `${aggregateType}-${this.seed}-${number}`;
  }
}
