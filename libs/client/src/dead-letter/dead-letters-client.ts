import {
  type DeadLetterBody,
  type DeadLetterQuery,
  type DeadLettersResponse,
  NDJSON,
  type PurgeRequest,
  type PurgeResponse,
  ROUTES,
  type RedriveRequest,
  type RedriveResponse,
  deadLetterRoute,
} from '@annals/contract';
import type { CallOptions, Http, HttpRequest } from '../request/http.ts';
import { withTenant } from '../request/with-tenant.ts';
import { readNdjson } from '../stream/read-ndjson.ts';

/**
 * Events that subscriptions gave up on. Every method throws as those of AnnalsClient do. Of all tenants, unless the client
 * or the call names one.
 */
export class DeadLettersClient {
  readonly #http: Http;
  readonly #tenantId: string | undefined;

  constructor(http: Http, tenantId: string | undefined) {
    this.#http = http;
    this.#tenantId = tenantId;
  }

  /** A page of them, oldest first. */
  list(query: DeadLetterQuery = {}, options: CallOptions = {}): Promise<DeadLettersResponse> {
    return this.#http.body(this.#listRequest(query, options));
  }

  /** All that match as they come, in bounded memory. @throws also StreamBrokenOff when it ends before its end */
  async *stream(
    query: DeadLetterQuery = {},
    options: CallOptions = {},
  ): AsyncGenerator<DeadLetterBody, void, undefined> {
    const request: HttpRequest = { ...this.#listRequest(query, options), headers: { accept: NDJSON } };
    yield* readNdjson<DeadLetterBody>(await this.#http.send(request), this.#http.urlOf(request), options.signal);
  }

  /** @param id `<subscription>/<stream>/<sequence>` @throws ProblemError `dead-letter-not-found` */
  get(id: string, options: CallOptions = {}): Promise<DeadLetterBody> {
    return this.#http.body({ method: 'GET', path: deadLetterRoute(id), ...options });
  }

  /**
   * Has letters handled again by their subscriptions: one by its id, several by ids or criteria, or with `all: true` all.
   * They stay until they are handled.
   */
  redrive(letters: string | RedriveRequest, options: CallOptions = {}): Promise<RedriveResponse> {
    if (typeof letters === 'string') {
      return this.#http.body({ method: 'POST', path: deadLetterRoute(letters, 'redrive'), ...options });
    }
    const body = withTenant(letters, this.#tenantId);
    return this.#http.body({ method: 'POST', path: ROUTES.redriveDeadLetters, body, ...options });
  }

  /** Removes letters for good: by ids or criteria, or with `all: true` all. */
  purge(letters: PurgeRequest, options: CallOptions = {}): Promise<PurgeResponse> {
    const body = withTenant(letters, this.#tenantId);
    return this.#http.body({ method: 'POST', path: ROUTES.purgeDeadLetters, body, ...options });
  }

  /** Removes one for good. @throws ProblemError `dead-letter-not-found` */
  async delete(id: string, options: CallOptions = {}): Promise<void> {
    await this.#http.send({ method: 'DELETE', path: deadLetterRoute(id), ...options });
  }

  #listRequest(query: DeadLetterQuery, options: CallOptions): HttpRequest {
    return { method: 'GET', path: ROUTES.deadLetters, query: withTenant(query, this.#tenantId), ...options };
  }
}
