import { encodeToken } from '../subject/subject-map.ts';

/**
 * Storage names of subscriptions, dead letters and redeliveries. Changing one is a migration: subscriptions would begin
 * anew, dead letters would no longer be found.
 */

/** Holds what subscriptions gave up on: `dlq.<subscription>.<stream>.<sequence>`, one message a subject. */
export const DEAD_LETTER_STREAM = 'DEAD_LETTERS';
/** Holds what is to be handed to a subscription again: `redeliver.<subscription>.<stream>.<sequence>.<cause>`. */
export const REDELIVERY_STREAM = 'REDELIVERIES';
/** Definitions, checkpoints and parked aggregates. */
export const SUBSCRIPTION_BUCKET = 'ANNALS_SUBSCRIPTIONS';

const DEAD_LETTER_PREFIX = 'dlq';
const REDELIVERY_PREFIX = 'redeliver';
/** The cause of a redelivery that an operator asked for; a replay's id otherwise. */
export const REDRIVE = 'redrive';

/** The durable consumer of a subscription, of the same name in each stream; also that of its redeliveries there. */
export function durableName(subscription: string): string {
  return `sub-${encodeToken(subscription)}`;
}

/** The durable of a subscription's redeliveries out of one stream. */
export function redeliveryDurableName(subscription: string, stream: string): string {
  return `${durableName(subscription)}-${stream}`;
}

export function deadLetterSubject(subscription: string, stream: string, sequence: number): string {
  return `${DEAD_LETTER_PREFIX}.${encodeToken(subscription)}.${stream}.${sequence}`;
}

/** @param subscription all unless given */
export function deadLetterFilter(subscription?: string, stream?: string): string {
  const token = subscription === undefined ? '*' : encodeToken(subscription);
  return `${DEAD_LETTER_PREFIX}.${token}.${stream ?? '*'}.*`;
}

/** @param cause {@link REDRIVE} or the id of a replay */
export function redeliverySubject(subscription: string, stream: string, sequence: number, cause: string): string {
  return `${REDELIVERY_PREFIX}.${encodeToken(subscription)}.${stream}.${sequence}.${cause}`;
}

export function redeliveryFilter(subscription: string, stream?: string): string {
  return `${REDELIVERY_PREFIX}.${encodeToken(subscription)}.${stream ?? '*'}.*.*`;
}

/** What the streams of this file take. */
export const DEAD_LETTER_SUBJECTS = [`${DEAD_LETTER_PREFIX}.>`] as const;
export const REDELIVERY_SUBJECTS = [`${REDELIVERY_PREFIX}.>`] as const;

/** A subscription as it was declared last. @param store name of the default stream: stores in one account do not mix */
export function definitionKey(store: string, subscription: string): string {
  return `definition.${store}.${keyToken(subscription)}`;
}

/** How far a subscription is in a stream, for the case that its consumer vanishes. */
export function checkpointKey(stream: string, subscription: string): string {
  return `checkpoint.${stream}.${keyToken(subscription)}`;
}

/** An aggregate that a subscription has parked. @param lane of `laneOf` */
export function parkedKey(stream: string, subscription: string, lane: string): string {
  return `parked.${stream}.${keyToken(subscription)}.${keyToken(lane)}`;
}

/** All parked aggregates of a subscription in a stream. */
export function parkedFilter(stream: string, subscription: string): string {
  return `parked.${stream}.${keyToken(subscription)}.*`;
}

/** Keys of a bucket may hold `=` but no `%`. */
function keyToken(text: string): string {
  return encodeToken(text).replaceAll('%', '=');
}
