import {
  type RecordedEvent,
  type ReplayJob,
  type ReplayOutcome,
  type ReplaySink,
  type ReplaySinkFactory,
  ReplayTargetRefused,
  type ReplayTarget,
  replayedJson,
} from '@annals/core';
import { checkHost } from './guarded-lookup.ts';
import { pauseUnlessAborted } from './pause-unless-aborted.ts';
import { type WebhookOptions, type WebhookSettings, webhookSettings } from './webhook-options.ts';
import { type WebhookAnswer, WebhookRequests, isRefusal } from './webhook-request.ts';
import { SIGNATURE_HEADER, signWebhook } from './webhook-signature.ts';

const MAX_PAUSE_MS = 60_000;
const TOO_MANY_REQUESTS = 429;
const REQUEST_TIMEOUT = 408;

/**
 * Lets replays go to webhooks: a POST of each event as JSON, one after the other.
 *
 * A network error, 408, 429 and 5xx are tried again with backoff and jitter (`Retry-After` counts up to a minute), any other
 * answer than 2xx is a failure of the event. Requests go to public addresses only, unless the options allow others: names
 * are resolved once, and that address is connected to; redirects that keep the method are followed by the same rules.
 *
 * @throws ValidationError
 */
export function webhookReplays(options: WebhookOptions = {}): ReplaySinkFactory {
  const settings = webhookSettings(options);
  return {
    async check(target) {
      const url = new URL(urlOf(target));
      await checkHost(url.hostname, settings).catch((cause: Error) => {
        throw new ReplayTargetRefused(`${url.origin} cannot be reached from here: ${cause.message}`, { cause });
      });
    },
    open: (job) => Promise.resolve(new WebhookSink(job, settings)),
  };
}

class WebhookSink implements ReplaySink {
  private readonly requests: WebhookRequests;
  private readonly url: string;

  constructor(
    private readonly job: ReplayJob,
    private readonly settings: WebhookSettings,
  ) {
    this.requests = new WebhookRequests(settings);
    this.url = urlOf(job.target);
  }

  async *deliver(
    events: readonly RecordedEvent[],
    signal: AbortSignal,
  ): AsyncGenerator<ReplayOutcome, void, undefined> {
    for (const event of events) {
      const outcome = await this.send(event, signal);
      if (outcome === undefined) return;
      yield outcome;
    }
  }

  close(): Promise<void> {
    return this.requests.close();
  }

  /** @returns undefined when the signal was aborted before it was known */
  private async send(event: RecordedEvent, signal: AbortSignal): Promise<ReplayOutcome | undefined> {
    const body = replayedJson(event);
    const { attempts, backoffMs } = this.settings;
    let failure = '';
    for (let attempt = 1; attempt <= attempts; attempt++) {
      if (signal.aborted) return undefined;
      const answer = await this.post(event, body, signal);
      if (signal.aborted && typeof answer === 'string') return undefined;
      if (typeof answer !== 'string' && isSuccess(answer.status)) return {};
      failure = typeof answer === 'string' ? answer : `it answered ${answer.status}`;
      if (typeof answer !== 'string' && !isWorthRepeating(answer.status)) return { failure };
      if (attempt === attempts) break;
      const asked = typeof answer === 'string' ? 0 : (answer.retryAfterMs ?? 0);
      const backoff = Math.min(MAX_PAUSE_MS, backoffMs * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2);
      await pauseUnlessAborted(Math.min(MAX_PAUSE_MS, Math.max(asked, backoff)), signal);
    }
    return { failure: `${failure}, ${attempts} times` };
  }

  /** @returns the answer, or why there was none. @throws ReplayTargetRefused */
  private async post(event: RecordedEvent, body: string, signal: AbortSignal): Promise<WebhookAnswer | string> {
    const timeout = AbortSignal.timeout(this.settings.timeoutMs);
    try {
      return await this.requests.post(this.url, body, this.headers(event, body), AbortSignal.any([signal, timeout]));
    } catch (error) {
      if (isRefusal(error)) {
        throw new ReplayTargetRefused(`the webhook may not be called: ${reasonOf(error)}`, { cause: error });
      }
      return timeout.aborted ? `no answer within ${this.settings.timeoutMs} ms` : reasonOf(error);
    }
  }

  private headers({ position }: RecordedEvent, body: string): Record<string, string> {
    const { secret } = this.settings;
    return {
      'content-type': 'application/json',
      'user-agent': 'annals',
      'annals-replay-id': this.job.id,
      // The same for every attempt and after a crash, so that a receiver can tell what it had already.
      'idempotency-key': `${this.job.id}-${position.stream}-${position.sequence}`,
      ...(secret !== undefined && {
        [SIGNATURE_HEADER]: signWebhook(secret, body, Math.floor(Date.now() / 1_000)),
      }),
    };
  }
}

function urlOf(target: ReplayTarget): string {
  if (target.type !== 'webhook') throw new ReplayTargetRefused(`a ${target.type} is no webhook`);
  return target.url;
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

function isWorthRepeating(status: number): boolean {
  return status >= 500 || status === TOO_MANY_REQUESTS || status === REQUEST_TIMEOUT;
}

function reasonOf(error: unknown): string {
  const { message, code, cause } = error as Error & { code?: string; cause?: Error };
  return message || (code ?? cause?.message ?? String(error));
}
