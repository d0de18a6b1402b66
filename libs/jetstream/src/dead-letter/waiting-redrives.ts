import { type DeadLetterKey, deadLetterId } from '@annals/core';
import type { DirectReader } from '../read/direct-reader.ts';
import type { LeaderReader } from '../read/leader-reader.ts';
import type { StoredMessage } from '../read/stored-message.ts';
import { REDRIVE, redeliveryFilter, redeliverySubject } from '../subscribe/subscription-names.ts';
import type { DeadLetterParts } from './dead-letter-parts.ts';
import { inParallel } from './in-parallel.ts';
import { decodeRedelivery } from './redelivery-message.ts';

/** A letter as far as it matters whether it waits for its subscription. */
export interface PerhapsRedriving {
  readonly key: DeadLetterKey;
  readonly lane?: string | undefined;
}

export interface WaitingRedrivesParts extends Pick<DeadLetterParts, 'queue' | 'redeliveries'> {
  readonly direct: DirectReader;
  readonly leader: LeaderReader;
  /** True when all letters of an aggregate are redriven as one. */
  readonly parks: (subscription: string) => Promise<boolean>;
}

const PARALLEL = 64;
const BATCH = 1_000;

/** Tells which letters wait to be handled again. */
export class WaitingRedrives {
  constructor(private readonly parts: WaitingRedrivesParts) {}

  /** @returns the ids of those that wait. @throws StoreUnavailable */
  async among(letters: readonly PerhapsRedriving[]): Promise<ReadonlySet<string>> {
    const waiting = new Set<string>();
    for (const [subscription, its] of groupBy(letters, ({ key }) => key.subscription)) {
      if ((await this.parts.redeliveries.waiting(subscription)) === 0) continue;
      await this.addThemselves(its, waiting);
      const others = its.filter(({ key, lane }) => lane !== undefined && !waiting.has(deadLetterId(key)));
      if (others.length > 0 && (await this.parts.parks(subscription))) await this.addByLane(others, waiting);
    }
    return waiting;
  }

  private async addThemselves(letters: readonly PerhapsRedriving[], waiting: Set<string>): Promise<void> {
    const { leader, queue } = this.parts;
    await inParallel(letters, PARALLEL, async ({ key }) => {
      const { subscription, stream, sequence } = key;
      const subject = redeliverySubject(subscription, stream, sequence, REDRIVE);
      if (await leader.message(queue.name, { last_by_subj: subject })) waiting.add(deadLetterId(key));
    });
  }

  /** Looks through the aggregates that wait: a work queue can be read by Direct Get only. */
  private async addByLane(letters: readonly PerhapsRedriving[], waiting: Set<string>): Promise<void> {
    const { direct, queue } = this.parts;
    for (const [stream, its] of groupBy(letters, ({ key }) => key.stream)) {
      const wanted = groupBy(its, ({ lane }) => lane!);
      const { subscription } = its[0]!.key;
      const filter = redeliveryFilter(subscription, stream).replace(/\*$/, REDRIVE);
      let from = 1;
      const note = ({ subject, body, sequence }: StoredMessage): void => {
        const lane = decodeRedelivery(subject, body)?.lane;
        for (const { key } of (lane && wanted.get(lane)) || []) waiting.add(deadLetterId(key));
        from = sequence + 1;
      };
      for (let found = true; found;) {
        const query = { seq: from, batch: BATCH, next_by_subj: filter };
        found = (await direct.get(queue.name, query, note)).messages.length > 0;
      }
    }
  }
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
