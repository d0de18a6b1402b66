import {
  type EventRegistry,
  type RecordedEvent,
  type ReplayJob,
  type ReplayOutcome,
  type ReplaySink,
  type ReplaySinkFactory,
  type ReplaySinks,
  type ReplayTarget,
  ReplayTargetRefused,
  type SubscriptionFilter,
  SubscriptionNotFound,
  currentSink,
  matchesFilter,
  replayedJson,
} from '@annals/core';
import type { InMemorySubscription } from '../subscribe/in-memory-subscription.ts';

export interface InMemoryTargetParts {
  /** All subscriptions there are. */
  readonly subscriptions: () => readonly InMemorySubscription[];
  readonly sinks: ReplaySinks;
  readonly registry: EventRegistry | undefined;
  /** Hears what is published on a subject. */
  readonly onPublish: (subject: string, json: string) => void;
}

/** Where the replays of an in-memory store go. */
export class InMemoryTargets {
  constructor(private readonly parts: InMemoryTargetParts) {}

  /** @returns what the events must match beside the job's filter. @throws SubscriptionNotFound, ReplayTargetRefused */
  async check(target: ReplayTarget): Promise<SubscriptionFilter | undefined> {
    if (target.type === 'subscription') return this.#subscription(target.name).definition.filter;
    if (target.type === 'webhook' || target.type === 'file') await this.#factory(target.type).check(target);
    return undefined;
  }

  async open(job: ReplayJob): Promise<ReplaySink> {
    const { target } = job;
    switch (target.type) {
      case 'subscription':
        return sinkOf((event) => redeliver([this.#subscription(target.name)], event, job.id));
      case 'all-subscriptions':
        return sinkOf((event) => {
          const wanting = this.parts
            .subscriptions()
            .filter(({ definition }) => matchesFilter(event, definition.filter));
          redeliver(wanting, event, job.id);
          return { bySubscription: wanting.map(({ definition }) => ({ subscription: definition.name })) };
        });
      case 'subject':
        return currentSink(
          sinkOf((event) => this.parts.onPublish(target.subject, replayedJson(event))),
          this.parts.registry,
        );
      case 'webhook':
      case 'file':
        return currentSink(await this.#factory(target.type).open(job), this.parts.registry);
    }
  }

  #subscription(name: string): InMemorySubscription {
    const found = this.parts.subscriptions().find(({ definition }) => definition.name === name);
    if (!found) throw new SubscriptionNotFound(name);
    return found;
  }

  #factory(type: 'webhook' | 'file'): ReplaySinkFactory {
    const factory = this.parts.sinks[type];
    if (!factory) throw new ReplayTargetRefused(`this store was given no way to replay to a ${type}`);
    return factory;
  }
}

function redeliver(to: readonly InMemorySubscription[], { position }: RecordedEvent, replayId: string): void {
  for (const subscription of to) {
    subscription.redeliver([{ sequence: position.sequence, cause: 'replay', replayId }]);
  }
}

function sinkOf(deliver: (event: RecordedEvent) => ReplayOutcome | void): ReplaySink {
  return {
    async *deliver(events) {
      for (const event of events) yield deliver(event) ?? {};
    },
    async close() {},
  };
}
