import { createHmac, timingSafeEqual } from 'node:crypto';

/** Header that says when a webhook was signed, and how: `t=<unix seconds>,v1=<hex>`. */
export const SIGNATURE_HEADER = 'annals-signature';

const DEFAULT_TOLERANCE_SECONDS = 300;
const FORM = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/;

/** HMAC-SHA256 over `<t>.<body>`, with the time it was made at. */
export function signWebhook(secret: string, body: string | Uint8Array, unixSeconds: number): string {
  return `t=${unixSeconds},v1=${digest(secret, body, String(unixSeconds)).toString('hex')}`;
}

/** What a receiver has of a webhook. */
export interface ReceivedWebhook {
  readonly secret: string;
  /** The value of `Annals-Signature`. */
  readonly signature: string | undefined;
  /** As it came, before it was parsed. */
  readonly body: string | Uint8Array;
  /** Older and newer ones are refused, so that nobody repeats what was overheard; 300. */
  readonly toleranceSeconds?: number;
  /** Milliseconds since 1970; the machine's clock. */
  readonly nowMs?: number;
}

/** True when a webhook comes from whoever knows the secret, and was signed just now. */
export function isWebhookGenuine(received: ReceivedWebhook): boolean {
  const { secret, signature, body, toleranceSeconds = DEFAULT_TOLERANCE_SECONDS, nowMs = Date.now() } = received;
  const [, time, hex] = FORM.exec(signature ?? '') ?? [];
  if (time === undefined || hex === undefined) return false;
  if (Math.abs(nowMs / 1_000 - Number(time)) > toleranceSeconds) return false;
  return timingSafeEqual(Buffer.from(hex, 'hex'), digest(secret, body, time));
}

function digest(secret: string, body: string | Uint8Array, time: string): Buffer {
  return createHmac('sha256', secret).update(`${time}.`).update(body).digest();
}
