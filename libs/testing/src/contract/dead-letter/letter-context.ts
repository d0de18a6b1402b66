import type { ActiveSubscription, DeadLetter, DeadLetterSelection, DeadLetters, RedriveResult } from '@annals/core';
import { Recorder } from '../subscribe/recorder.ts';
import { SubscriptionContext, type TestOptions } from '../subscribe/subscription-context.ts';

/** A handler that rejects events until it is mended. */
export class Mendable {
  #refuses: (n: number) => boolean;
  readonly recorder: Recorder;

  /** @param numbers of the events that it rejects; all unless given */
  constructor(numbers?: readonly number[]) {
    this.#refuses = (n) => numbers?.includes(n) ?? true;
    this.recorder = new Recorder(({ data }, context) => {
      const { n } = data as { n: number };
      if (this.#refuses(n)) context.deadLetter(`no ${n}`);
    });
  }

  /** From now on it rejects these only; none unless given. */
  mend(numbers: readonly number[] = []): void {
    this.#refuses = (n) => numbers.includes(n);
  }
}

/** What the tests of dead letters share. */
export class LetterContext extends SubscriptionContext {
  /** Of the process that handles events. */
  get letters(): DeadLetters {
    return this.store.deadLetters;
  }

  /** Of another process, where data are shared. */
  get desk(): DeadLetters {
    return this.otherStore.deadLetters;
  }

  /** A subscription whose handler rejects events, after it has seen `count` of them. */
  async rejecting(
    count: number,
    more: Partial<TestOptions> = {},
    numbers?: readonly number[],
  ): Promise<{
    order: { tenantId: string; type: string; id: string };
    options: TestOptions;
    active: ActiveSubscription;
    mendable: Mendable;
    recorder: Recorder;
  }> {
    const order = this.aggregate();
    await this.fill(order, count);
    const options = this.options(order, more);
    const mendable = new Mendable(numbers);
    const active = await this.subscribe(options, mendable.recorder);
    await this.idle(options);
    return { order, options, active, mendable, recorder: mendable.recorder };
  }

  /** All letters of a subscription, oldest first. */
  async lettersOf({ name }: { readonly name: string }, more: DeadLetterSelection = {}): Promise<readonly DeadLetter[]> {
    return (await this.desk.list({ subscription: name, ...more }, { limit: 1_000 })).letters;
  }

  /** The numbers of the events that are dead letters of a subscription. */
  async numbersOf(options: { readonly name: string }, more: DeadLetterSelection = {}): Promise<number[]> {
    return (await this.lettersOf(options, more)).map(numberOf);
  }

  /** Redrives, and waits until the subscription is done with it. */
  async redriven(options: TestOptions, selection: DeadLetterSelection = {}): Promise<RedriveResult> {
    const result = await this.desk.redrive({ subscription: options.name, ...selection });
    await this.idle(options);
    return result;
  }
}

export function numberOf(letter: DeadLetter): number {
  return (letter.event!.data as { n: number }).n;
}
