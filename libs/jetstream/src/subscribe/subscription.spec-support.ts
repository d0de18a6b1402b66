import {
  type CheckedStart,
  type Logger,
  type SubscriptionDefinition,
  type SubscriptionOptions,
  checkSubscription,
  silentLogger,
  systemClock,
} from '@annals/core';
import { type NatsConnection, createInbox } from '@nats-io/transport-node';
import { Bucket } from '../bucket/bucket.ts';
import { RequestChannel } from '../connection/request-channel.ts';
import { statusOf } from '../header/header-block.ts';
import { parseDelivery } from '../scan/delivery.ts';
import type { Topology } from '../topology/topology.ts';
import { PRIORITY_GROUP } from './consumer/consumer-config.ts';
import type { SubscriptionConsumer } from './subscription-consumer.ts';
import { type SubscriptionMachinery, createSubscriptionMachinery } from './subscription-machinery.ts';
import { SUBSCRIPTION_BUCKET } from './subscription-names.ts';

/** What a process says in its log. */
export interface HeardLogger extends Logger {
  readonly warnings: string[];
}

export function heardLogger(): HeardLogger {
  const warnings: string[] = [];
  return { ...silentLogger, warn: (message) => warnings.push(message), warnings };
}

/** The machinery of one process on a connection of its own. */
export function machinery(
  nc: NatsConnection,
  topology: Topology,
  options: { logger?: Logger; replicas?: number; stuckMs?: number } = {},
): SubscriptionMachinery & { readonly channel: RequestChannel } {
  const { logger = silentLogger, replicas, stuckMs } = options;
  const bucket = new Bucket(nc, SUBSCRIPTION_BUCKET, { replicas, description: 'Annals: subscriptions' });
  const channel = new RequestChannel(nc, 5_000);
  return {
    channel,
    ...createSubscriptionMachinery({ channel, topology, bucket, stuckMs, clock: systemClock, logger }),
  };
}

export function subscription(options: SubscriptionOptions): {
  readonly definition: SubscriptionDefinition;
  readonly from: CheckedStart;
} {
  return checkSubscription(options);
}

/** A message that a consumer delivered. */
export interface Taken {
  readonly subject: string;
  readonly sequence: number;
  ack(): void;
}

const OVERDUE_MS = 5_000;

/** Takes what a consumer has to deliver now, at most so many messages, and acknowledges it unless told otherwise. */
export async function take(
  nc: NatsConnection,
  { binding, name }: SubscriptionConsumer,
  options: { max?: number; ack?: boolean; ordered?: boolean } = {},
): Promise<Taken[]> {
  const { max = 1_000, ack = true, ordered = false } = options;
  const taken: Taken[] = [];
  const inbox = createInbox();
  await new Promise<void>((resolve, reject) => {
    const overdue = setTimeout(() => reject(new Error(`nothing came of ${name}`)), OVERDUE_MS);
    const replies = nc.subscribe(inbox, {
      callback: (_, msg) => {
        const delivery = parseDelivery(msg.reply);
        if (delivery) {
          if (ack) nc.publish(msg.reply!);
          const { subject, reply } = msg;
          taken.push({ subject, sequence: delivery.sequence, ack: () => nc.publish(reply!) });
        }
        if (taken.length < max && (delivery || statusOf(msg) === 100)) return;
        clearTimeout(overdue);
        replies.unsubscribe();
        resolve();
      },
    });
    const group = ordered ? { group: PRIORITY_GROUP } : {};
    const body = JSON.stringify({ batch: max, no_wait: true, ...group });
    nc.publish(`$JS.API.CONSUMER.MSG.NEXT.${binding.name}.${name}`, body, { reply: inbox });
  });
  await nc.flush();
  return taken;
}

export function sequencesOf(taken: readonly Taken[]): number[] {
  return taken.map(({ sequence }) => sequence);
}
