import type { DeadLetter } from '@annals/core';
import type { DeadLetterBody } from '@annals/contract';
import { eventBody } from '../read/event-body.ts';

/** A dead letter as the gateway answers with it. Absent fields are undefined here and left out of the JSON. */
export function deadLetterBody(letter: DeadLetter): DeadLetterBody {
  return {
    id: letter.id,
    subscription: letter.subscription,
    kind: letter.kind,
    reason: letter.reason,
    error: letter.error,
    attempts: letter.attempts,
    redrives: letter.redrives,
    deadLetteredAt: letter.deadLetteredAt,
    redriving: letter.redriving,
    position: letter.position,
    event: letter.event && eventBody(letter.event),
  } as DeadLetterBody;
}
