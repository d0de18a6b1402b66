import type { RecordedEvent } from '../event/event-message.ts';
import { subscriptionNameProblem } from '../subscribe/check-subscription.ts';

/**
 * Why a subscription gave up on an event.
 *
 * - `'attempts-exhausted'`: its last attempt failed;
 * - `'rejected'`: the handler said so by `context.deadLetter()`;
 * - `'process-ended'`: the process ended at every attempt;
 * - `'parked'`: an earlier event of its aggregate is a dead letter;
 * - `'unreadable'`: the stored message is no event.
 */
export type DeadLetterKind = 'attempts-exhausted' | 'rejected' | 'process-ended' | 'parked' | 'unreadable';

/** What a handler threw last; cut to a bounded length. */
export interface DeadLetterError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
}

/** An event that a subscription gave up on. */
export interface DeadLetter {
  /** `<subscription>/<stream>/<sequence>`. */
  readonly id: string;
  readonly subscription: string;
  readonly kind: DeadLetterKind;
  /** A sentence for an operator. */
  readonly reason: string;
  readonly error?: DeadLetterError;
  /** Attempts since it was delivered first or redriven last. */
  readonly attempts: number;
  /** How often it was redriven and came back. */
  readonly redrives: number;
  /** When it became one last, ISO 8601. */
  readonly deadLetteredAt: string;
  /** True while it waits to be handled again. */
  readonly redriving: boolean;
  /** Where the event is stored. */
  readonly position: { readonly stream: string; readonly sequence: number };
  /** The event; absent for `'unreadable'`. */
  readonly event?: RecordedEvent;
}

/** Which dead letters are meant; absent fields match all. */
export interface DeadLetterSelection {
  /** By id, at most 1,000. */
  readonly ids?: readonly string[] | undefined;
  readonly subscription?: string | undefined;
  readonly tenantId?: string | undefined;
  readonly aggregateType?: string | undefined;
  readonly aggregateId?: string | undefined;
  /** Types or patterns, any of them. */
  readonly eventTypes?: readonly string[] | undefined;
  readonly kinds?: readonly DeadLetterKind[] | undefined;
  /** When they became one, inclusive. */
  readonly deadLetteredFrom?: string | undefined;
  readonly deadLetteredTo?: string | undefined;
}

/** The parts of a dead letter's id. */
export interface DeadLetterKey {
  readonly subscription: string;
  readonly stream: string;
  readonly sequence: number;
}

export function deadLetterId({ subscription, stream, sequence }: DeadLetterKey): string {
  return `${subscription}/${stream}/${sequence}`;
}

/** The stream is part of a subject, so it must not hold a wildcard. */
const ID = /^([^/]+)\/([^\s.*>/\\]+)\/([1-9]\d{0,15})$/;

/** Undefined for what is no id of a dead letter. */
export function parseDeadLetterId(id: string): DeadLetterKey | undefined {
  const match = ID.exec(id);
  const sequence = Number(match?.[3]);
  if (!match || !Number.isSafeInteger(sequence) || subscriptionNameProblem(match[1]) !== undefined) return undefined;
  return { subscription: match[1]!, stream: match[2]!, sequence };
}
