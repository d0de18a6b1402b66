import { Agent, request } from 'undici';
import { AddressRefused, checkLiteral, guardedLookup } from './guarded-lookup.ts';
import type { WebhookSettings } from './webhook-options.ts';

/** What an endpoint answered. */
export interface WebhookAnswer {
  readonly status: number;
  /** Milliseconds that it asks to wait for. */
  readonly retryAfterMs?: number | undefined;
}

const MAX_REDIRECTS = 3;
/** The redirects that keep method and body (RFC 9110, 15.4). Others would turn the POST into a GET. */
const REDIRECTS: readonly number[] = [307, 308];
/** Of an answer no more is read: only its status counts. */
const MAX_ANSWER_BYTES = 16 * 1024;
const MAX_HEADER_BYTES = 16 * 1024;

/** Sends requests to addresses that the rules allow, and to no others. */
export class WebhookRequests {
  private readonly agent: Agent;

  constructor(private readonly settings: WebhookSettings) {
    const { timeoutMs } = settings;
    this.agent = new Agent({
      connect: { lookup: guardedLookup(settings), timeout: timeoutMs },
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      maxHeaderSize: MAX_HEADER_BYTES,
      connections: 1,
      pipelining: 1,
    });
  }

  /**
   * Posts and follows redirects that keep the method, each hop checked like the first.
   *
   * @throws AddressRefused, what the connection throws
   */
  async post(
    address: string,
    body: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<WebhookAnswer> {
    let url = new URL(address);
    for (let hops = 0; ; hops++) {
      const { statusCode: status, headers: answered, body: answer } = await this.once(url, body, headers, signal);
      await answer.dump({ limit: MAX_ANSWER_BYTES });
      const location = single(answered.location);
      if (!REDIRECTS.includes(status) || location === undefined) {
        return { status, retryAfterMs: retryAfter(single(answered['retry-after'])) };
      }
      if (hops === MAX_REDIRECTS) throw new RedirectRefused(`more than ${MAX_REDIRECTS} redirects`);
      url = redirected(url, location);
    }
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }

  private once(url: URL, body: string, headers: Readonly<Record<string, string>>, signal: AbortSignal) {
    // Addresses are never resolved, so the lookup does not see them.
    checkLiteral(url.hostname, this.settings);
    return request(url, { method: 'POST', body, headers, signal, dispatcher: this.agent });
  }
}

/** An endpoint redirects to where requests do not go. */
export class RedirectRefused extends Error {
  override readonly name = 'RedirectRefused';
}

/** True for errors that no other attempt can change. */
export function isRefusal(error: unknown): error is Error {
  const causes = [error, (error as { cause?: unknown } | undefined)?.cause];
  return causes.some((cause) => cause instanceof AddressRefused || cause instanceof RedirectRefused);
}

function redirected(from: URL, location: string): URL {
  if (!URL.canParse(location, from.href)) throw new RedirectRefused('a redirect to what is no address');
  const to = new URL(location, from);
  const isHttp = to.protocol === 'https:' || (to.protocol === 'http:' && from.protocol === 'http:');
  if (!isHttp || to.username !== '' || to.password !== '') {
    throw new RedirectRefused(`a redirect to ${to.protocol}//${to.host}`);
  }
  return to;
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

/** Seconds or a date (RFC 9110, 10.2.3). */
function retryAfter(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const ms = /^\d{1,9}$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
