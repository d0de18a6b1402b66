import {
  type EventRegistry,
  type ReplayJob,
  type ReplaySink,
  type ReplaySinks,
  ReplayTargetRefused,
  type ReplayTarget,
  type SubscriptionFilter,
  SubscriptionNotFound,
  currentSink,
} from '@annals/core';
import type { RequestChannel } from '../connection/request-channel.ts';
import type { Topology } from '../topology/topology.ts';
import { SubjectSink, checkSubject } from './subject-sink.ts';
import { SubscriptionSink, type SubscriptionTargets } from './subscription-sink.ts';

export interface ReplayTargetParts {
  readonly channel: RequestChannel;
  readonly topology: Topology;
  readonly sinks: ReplaySinks;
  readonly subscriptions: SubscriptionTargets;
  /** Brings events to what they are today before they leave; subscriptions do so themselves. */
  readonly registry: EventRegistry | undefined;
}

/** The targets that this process can reach. */
export class ReplayTargets {
  constructor(private readonly parts: ReplayTargetParts) {}

  /**
   * Looks at a target before a job is made.
   *
   * @returns what the events must match beside the job's filter
   * @throws ReplayTargetRefused, SubscriptionNotFound, StoreUnavailable
   */
  async check(target: ReplayTarget): Promise<SubscriptionFilter | undefined> {
    const { topology, subscriptions } = this.parts;
    switch (target.type) {
      case 'subscription': {
        const found = (await subscriptions.list()).find(({ name }) => name === target.name);
        if (!found) throw new SubscriptionNotFound(target.name);
        return found.filter;
      }
      case 'all-subscriptions':
        return undefined;
      case 'subject':
        checkSubject(target.subject, topology);
        return undefined;
      case 'webhook':
      case 'file':
        await this.factory(target.type).check(target);
        return undefined;
    }
  }

  /** True when this process can hand events over to such a target. */
  canReach(target: ReplayTarget): boolean {
    return (target.type !== 'webhook' && target.type !== 'file') || this.parts.sinks[target.type] !== undefined;
  }

  /** @throws ReplayTargetRefused, StoreUnavailable */
  async open(job: ReplayJob): Promise<ReplaySink> {
    const { channel, subscriptions, registry } = this.parts;
    const { target } = job;
    switch (target.type) {
      case 'subscription':
        return new SubscriptionSink(subscriptions, job.id, target.name);
      case 'all-subscriptions':
        return new SubscriptionSink(subscriptions, job.id, undefined);
      case 'subject':
        return currentSink(new SubjectSink(channel, target.subject, job.id), registry);
      case 'webhook':
      case 'file':
        return currentSink(await this.factory(target.type).open(job), registry);
    }
  }

  private factory(type: 'webhook' | 'file') {
    const factory = this.parts.sinks[type];
    const what = type === 'webhook' ? 'sends no webhooks' : 'was given no directory for files';
    if (!factory) throw new ReplayTargetRefused(`this process ${what}: see the options of replays`);
    return factory;
  }
}
