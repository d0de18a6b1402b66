import { type RedriveResult, type SubscriptionDefinition, deadLetterId } from '@annals/core';
import { LRUCache } from 'lru-cache';
import type { DeadLetterParts } from './dead-letter-parts.ts';
import type { PerhapsRedriving } from './waiting-redrives.ts';
import type { Redelivery } from './redelivery.ts';

/** What is known of a subscription; undefined when there is none. */
export type DefinitionOf = (subscription: string) => Promise<SubscriptionDefinition | undefined>;

export interface RedriveSettings {
  /** Milliseconds between two letters; 0 for as fast as they are taken. */
  readonly spacingMs: number;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

/** Whoever is late with the first letter would have the second right behind it: so it is due a little later than now. */
const LEAD_MS = 200;
/** Aggregates of which is remembered that they were put into the queue; others are asked for anew. */
const REMEMBERED_LANES = 100_000;

/** True when all letters of an aggregate are redriven as one. */
export function parksAggregates(definition: SubscriptionDefinition): boolean {
  return definition.mode === 'ordered' && definition.onDeadLetter === 'park';
}

/** One redrive: takes letters, oldest first, and puts into the queue what has them handled again. */
export class Redrive {
  private readonly definitions = new Map<string, SubscriptionDefinition | undefined>();
  /** Whether an aggregate was new in the queue. */
  private readonly lanes = new LRUCache<string, { isNew: boolean }>({ max: REMEMBERED_LANES });
  private dueMs: number;
  private matched = 0;
  private redriven = 0;
  private orphaned = 0;

  constructor(
    private readonly parts: Pick<DeadLetterParts, 'redeliveries' | 'lanes'>,
    private readonly definitionOf: DefinitionOf,
    private readonly settings: RedriveSettings,
  ) {
    this.dueMs = settings.nowMs + LEAD_MS;
  }

  get result(): RedriveResult {
    return { matched: this.matched, redriven: this.redriven, orphaned: this.orphaned };
  }

  /** @throws StoreUnavailable */
  async take(letters: readonly PerhapsRedriving[]): Promise<void> {
    const single: Redelivery[] = [];
    for (const letter of letters) {
      const { key, lane } = letter;
      this.matched++;
      const definition = await this.definition(key.subscription);
      if (!definition) {
        this.orphaned++;
      } else if (lane !== undefined && parksAggregates(definition)) {
        if (await this.takeLane(letter, lane)) this.redriven++;
      } else {
        single.push({ ...key, cause: 'redrive', ...this.nextTurn(1) });
      }
    }
    this.redriven += await this.parts.redeliveries.enqueue(single);
  }

  /** @returns whether the letter's aggregate did not wait before this redrive */
  private async takeLane({ key }: PerhapsRedriving, lane: string): Promise<boolean> {
    const { subscription, stream } = key;
    const name = deadLetterId(key).replace(/\d+$/, lane);
    let outcome = this.lanes.get(name);
    if (!outcome) {
      const keys = await this.parts.lanes.of(subscription, stream, lane);
      const oldest = keys[0] ?? key;
      const item: Redelivery = { ...oldest, cause: 'redrive', lane, ...this.nextTurn(Math.max(1, keys.length)) };
      outcome = { isNew: (await this.parts.redeliveries.enqueue([item])) > 0 };
      this.lanes.set(name, outcome);
    }
    return outcome.isNew;
  }

  /** @param letters that are handled in the turn: the next begins after them */
  private nextTurn(letters: number): { readonly notBeforeMs?: number } {
    const { spacingMs } = this.settings;
    if (spacingMs === 0) return {};
    const notBeforeMs = Math.ceil(this.dueMs);
    this.dueMs += spacingMs * letters;
    return { notBeforeMs };
  }

  private async definition(subscription: string): Promise<SubscriptionDefinition | undefined> {
    if (!this.definitions.has(subscription)) {
      this.definitions.set(subscription, await this.definitionOf(subscription));
    }
    return this.definitions.get(subscription);
  }
}
