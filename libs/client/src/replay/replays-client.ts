import {
  type ReplayJobBody,
  type ReplayJobRequest,
  type ReplaysQuery,
  type ReplaysResponse,
  ROUTES,
  replayJobRoute,
} from '@annals/contract';
import type { CallOptions, Http } from '../request/http.ts';

/** What starting a replay takes beside the request. */
export interface StartReplayOptions extends CallOptions {
  /** Makes a repetition answer with the job that was started first. */
  readonly idempotencyKey?: string | undefined;
}

/** Jobs that hand stored events over again. Every method throws as those of AnnalsClient do. */
export class ReplaysClient {
  readonly #http: Http;
  readonly #tenantId: string | undefined;

  constructor(http: Http, tenantId: string | undefined) {
    this.#http = http;
    this.#tenantId = tenantId;
  }

  /**
   * Starts a job; it goes on by itself.
   *
   * @throws ProblemError `replay-target-refused`, `subscription-not-found`, `idempotency-key-reused`
   */
  start(request: ReplayJobRequest, { idempotencyKey, signal }: StartReplayOptions = {}): Promise<ReplayJobBody> {
    const needsTenant = request.tenantId === undefined && !request.allTenants && this.#tenantId !== undefined;
    return this.#http.body({
      method: 'POST',
      path: ROUTES.replay,
      body: needsTenant ? { ...request, tenantId: this.#tenantId } : request,
      headers: { 'idempotency-key': idempotencyKey },
      signal,
    });
  }

  /** A page of them, newest first. */
  list(query: ReplaysQuery = {}, options: CallOptions = {}): Promise<ReplaysResponse> {
    return this.#http.body({ method: 'GET', path: ROUTES.replays, query, ...options });
  }

  /** @throws ProblemError `replay-not-found` */
  get(id: string, options: CallOptions = {}): Promise<ReplayJobBody> {
    return this.#http.body({ method: 'GET', path: replayJobRoute(id), ...options });
  }

  /** Stops it after the events in hand. @throws ProblemError `replay-finished` */
  pause(id: string, options: CallOptions = {}): Promise<ReplayJobBody> {
    return this.#act(id, 'pause', options);
  }

  /** @throws ProblemError `replay-finished` */
  resume(id: string, options: CallOptions = {}): Promise<ReplayJobBody> {
    return this.#act(id, 'resume', options);
  }

  /** Ends it; what was handed over stays. @throws ProblemError `replay-finished` */
  cancel(id: string, options: CallOptions = {}): Promise<ReplayJobBody> {
    return this.#act(id, 'cancel', options);
  }

  #act(id: string, action: 'pause' | 'resume' | 'cancel', options: CallOptions): Promise<ReplayJobBody> {
    return this.#http.body({ method: 'POST', path: replayJobRoute(id, action), ...options });
  }
}
