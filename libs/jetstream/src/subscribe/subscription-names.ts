import { createHash } from 'node:crypto';
import { type DeadLetterKey, parseDeadLetterId } from '@annals/core';
import { decodeToken, encodeToken } from '../subject/subject-map.ts';
import type { StreamBinding } from '../topology/stream-binding.ts';

/**
 * Storage names of subscriptions, dead letters and redeliveries. Changing one is a migration: subscriptions would begin
 * anew, dead letters would no longer be found.
 */

/** Holds what subscriptions gave up on: `dlq.<subscription>.<stream>.<sequence>.<lane>`, one message a subject. */
export const DEAD_LETTER_STREAM = 'DEAD_LETTERS';
/** Holds what is to be handed to a subscription again: `redeliver.<subscription>.<stream>.<sequence>.<cause>`. */
export const REDELIVERY_STREAM = 'REDELIVERIES';
/** Definitions, checkpoints and parked aggregates. */
export const SUBSCRIPTION_BUCKET = 'ANNALS_SUBSCRIPTIONS';

const DEAD_LETTER_PREFIX = 'dlq';
const REDELIVERY_PREFIX = 'redeliver';
/** Stands for the lane of a message that is no event. */
const NO_LANE = '-';
/** The cause of a redelivery that an operator asked for; a replay's id otherwise. */
export const REDRIVE = 'redrive';

/** A consumer's name has 255 characters at most, of which a stream's name may take 64 (nats-server 2.15.1, 10102). */
const MAX_NAME_TOKEN = 160;
const DIGEST_LENGTH = 32;

/** The durable consumer of a subscription, of the same name in each stream; also that of its redeliveries there. */
export function durableName(subscription: string): string {
  const token = encodeToken(subscription);
  if (token.length <= MAX_NAME_TOKEN) return `sub-${token}`;
  const digest = createHash('sha256').update(subscription).digest('hex').slice(0, DIGEST_LENGTH);
  return `sub-${token.slice(0, MAX_NAME_TOKEN - DIGEST_LENGTH - 1)}=${digest}`;
}

/** The durable of a subscription's redeliveries out of one stream. */
export function redeliveryDurableName(subscription: string, stream: string): string {
  // A stream's name does not hold this character, so no two pairs share a name.
  return `${durableName(subscription)}=${stream}`;
}

/** @param lane of `laneOf`; undefined for a message that is no event */
export function deadLetterSubject(key: DeadLetterKey, lane: string | undefined): string {
  return `${keySubject(key)}.${laneToken(lane)}`;
}

/** The one letter of a key: the filter of every expectation on it. */
export function deadLetterKeyFilter(key: DeadLetterKey): string {
  return `${keySubject(key)}.*`;
}

/** The letters of an aggregate; those of another one, too, should their digests be the same. */
export function deadLetterLaneFilter(subscription: string, stream: string, lane: string): string {
  return `${DEAD_LETTER_PREFIX}.${encodeToken(subscription)}.${stream}.*.${laneToken(lane)}`;
}

/** @param subscription all unless given */
export function deadLetterFilter(subscription?: string, stream?: string): string {
  const token = subscription === undefined ? '*' : encodeToken(subscription);
  return `${DEAD_LETTER_PREFIX}.${token}.${stream ?? '*'}.*.*`;
}

/** The key in a letter's subject, or undefined when Annals writes no such subject. */
export function deadLetterKeyOf(subject: string): DeadLetterKey | undefined {
  const [prefix, token = '', stream, sequence, lane, ...more] = subject.split('.');
  const subscription = decodeToken(token);
  if (prefix !== DEAD_LETTER_PREFIX || subscription === undefined || !lane || more.length > 0) return undefined;
  return parseDeadLetterId(`${subscription}/${stream}/${sequence}`);
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

/** Held by the one process that makes, changes or removes a subscription's consumers. */
export function lockKey(store: string, subscription: string): string {
  return `lock.${store}.${keyToken(subscription)}`;
}

/** All definitions of a store. */
export function definitionFilter(store: string): string {
  return `definition.${store}.*`;
}

/** The subscription whose key {@link definitionKey} made, or undefined for a key of something else. */
export function subscriptionOfKey(store: string, key: string): string | undefined {
  const prefix = `definition.${store}.`;
  return key.startsWith(prefix) ? decodeToken(key.slice(prefix.length).replaceAll('=', '%')) : undefined;
}

/** There while a process makes the last attempt of an event, and after it ended with that. @param id of the delivery */
export function lastAttemptKey(stream: string, subscription: string, id: number | string): string {
  return `last-attempt.${stream}.${keyToken(subscription)}.${id}`;
}

/** How many attempts of an event have failed in a shared subscription. @param id `*` for all */
export function failedAttemptsKey(stream: string, subscription: string, id: number | string): string {
  return `failed.${stream}.${keyToken(subscription)}.${id}`;
}

/**
 * A message that only the consumer of an ordered subscription gets, beside its events: the server makes a replica the active
 * one with a message, so an idle stream would have none. The token `-` is that of no tenant.
 */
export function wakeSubject({ idempotencyPrefix }: StreamBinding, subscription: string): string {
  return `${idempotencyPrefix}.-.${encodeToken(subscription)}`;
}

/** What the active replica of an ordered subscription notes for the next one. */
export function activationKey(stream: string, subscription: string): string {
  return `activation.${stream}.${keyToken(subscription)}`;
}

/** An aggregate that a subscription has parked. @param lane of `laneOf` */
export function parkedKey(stream: string, subscription: string, lane: string): string {
  return `parked.${stream}.${keyToken(subscription)}.${keyToken(lane)}`;
}

/** All parked aggregates of a subscription in a stream. */
export function parkedFilter(stream: string, subscription: string): string {
  return `parked.${stream}.${keyToken(subscription)}.*`;
}

/** All that is kept of a subscription in a stream but its checkpoint, as patterns. */
export function handlingKeys(stream: string, subscription: string): readonly string[] {
  return [
    parkedFilter(stream, subscription),
    lastAttemptKey(stream, subscription, '*'),
    failedAttemptsKey(stream, subscription, '*'),
    activationKey(stream, subscription),
  ];
}

function keySubject({ subscription, stream, sequence }: DeadLetterKey): string {
  return `${DEAD_LETTER_PREFIX}.${encodeToken(subscription)}.${stream}.${sequence}`;
}

/** Short enough for a subject, whatever the aggregate's name; it stands last, so that a key finds its letter at once. */
function laneToken(lane: string | undefined): string {
  return lane === undefined ? NO_LANE : createHash('sha256').update(lane).digest('base64url').slice(0, 22);
}

/** Keys of a bucket may hold `=` but no `%`. */
function keyToken(text: string): string {
  return encodeToken(text).replaceAll('%', '=');
}
