const PREFIX = '$JS.ACK.';
const SHORT_FORM_DOTS = 6;
const DOT = 46;
const ZERO = 48;

/** What the reply subject of a delivered message says of it. */
export interface Delivery {
  /** How often the message was delivered, this time included. */
  readonly deliveries: number;
  /** Stream sequence. */
  readonly sequence: number;
  /** How many messages the consumer delivered before it, and this one. */
  readonly consumerSequence: number;
  /** When the stream took it, nanoseconds since 1970: more digits than a number holds. */
  readonly recordedAtNs: string;
  /** Messages that the consumer had left when it sent this one. */
  readonly pending: number;
}

/**
 * Reads `$JS.ACK.<stream>.<consumer>.<deliveries>.<stream seq>.<consumer seq>.<time>.<pending>`, or the form with domain
 * and account before the stream (ADR-15).
 *
 * @returns undefined for any other subject, such as that of a status message
 */
export function parseDelivery(reply: string | undefined): Delivery | undefined {
  if (!reply?.startsWith(PREFIX)) return undefined;
  let dots = 0;
  for (let i = PREFIX.length; i < reply.length; i++) if (reply.charCodeAt(i) === DOT) dots++;
  // Stream and consumer; before them domain and account in the long form.
  let skipped = dots === SHORT_FORM_DOTS ? 2 : 4;
  let deliveriesAt = PREFIX.length;
  for (; skipped > 0; skipped--) deliveriesAt = tokenEnd(reply, deliveriesAt) + 1;
  const deliveriesEnd = tokenEnd(reply, deliveriesAt);
  const at = deliveriesEnd + 1;
  const sequenceEnd = tokenEnd(reply, at);
  const consumerEnd = tokenEnd(reply, sequenceEnd + 1);
  const timeEnd = tokenEnd(reply, consumerEnd + 1);
  if (timeEnd === reply.length) return undefined;
  return {
    deliveries: numberIn(reply, deliveriesAt, deliveriesEnd),
    sequence: numberIn(reply, at, sequenceEnd),
    consumerSequence: numberIn(reply, sequenceEnd + 1, consumerEnd),
    recordedAtNs: reply.slice(consumerEnd + 1, timeEnd),
    pending: numberIn(reply, timeEnd + 1, tokenEnd(reply, timeEnd + 1)),
  };
}

function tokenEnd(text: string, from: number): number {
  const at = text.indexOf('.', from);
  return at < 0 ? text.length : at;
}

/** Digits only, without the string that `Number` would need: this runs for every message of a scan. */
function numberIn(text: string, from: number, to: number): number {
  let value = 0;
  for (let i = from; i < to; i++) value = value * 10 + (text.charCodeAt(i) - ZERO);
  return value;
}
