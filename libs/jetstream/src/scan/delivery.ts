/** What the reply subject of a delivered message says of it. */
export interface Delivery {
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
  if (!reply?.startsWith('$JS.ACK.')) return undefined;
  const tokens = reply.split('.');
  const at = tokens.length === 9 ? 5 : 7;
  const recordedAtNs = tokens[at + 2];
  if (recordedAtNs === undefined) return undefined;
  return {
    sequence: Number(tokens[at]),
    consumerSequence: Number(tokens[at + 1]),
    recordedAtNs,
    pending: Number(tokens[at + 3]),
  };
}
