import { type HandlingOutcome, laneOf } from '@annals/core';
import type { HeldEvent } from './held-event.ts';
import type { Held } from './in-hand.ts';
import type { LetterAbout } from './letter-poster.ts';

/** The letter of an event that its handler did not manage. @param redrives how often it was redriven before */
export function letterOf(
  subscription: string,
  { event, attempt }: Pick<HeldEvent, 'event' | 'attempt'>,
  outcome: Pick<Extract<HandlingOutcome, { type: 'dead-letter' }>, 'kind' | 'reason' | 'error'>,
  redrives = 0,
): LetterAbout {
  const { kind, reason, error } = outcome;
  return {
    key: { subscription, ...event.position },
    lane: laneOf(event),
    kind,
    reason,
    error,
    // What is kept back behind another event was never handed to a handler.
    attempts: kind === 'parked' ? 0 : attempt,
    redrives,
  };
}

/** The letter of a message that is no event. */
export function unreadableLetter(subscription: string, stream: string, item: Held, error: Error): LetterAbout {
  const key = { subscription, stream, sequence: item.sequence };
  return { key, kind: 'unreadable', reason: error.message, attempts: item.deliveries, redrives: 0 };
}

/** What becomes of an event at whose attempts the process ended. */
export function processEnded(attempts: number): Extract<HandlingOutcome, { type: 'dead-letter' }> {
  const reason = `the process ended at each of ${attempts} attempts, the last time with nothing else running`;
  return { type: 'dead-letter', kind: 'process-ended', reason };
}

/** What becomes of an event whose aggregate is parked. */
export function parkedBehind(): Extract<HandlingOutcome, { type: 'dead-letter' }> {
  return { type: 'dead-letter', kind: 'parked', reason: 'an earlier event of its aggregate is a dead letter' };
}
