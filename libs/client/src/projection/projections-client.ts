import { type ProjectionBody, type ProjectionsResponse, ROUTES, projectionRoute } from '@annals/contract';
import type { CallOptions, Http } from '../request/http.ts';

/** What operators do with projections. Every method throws as those of AnnalsClient do. */
export class ProjectionsClient {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  /** A page of them, by name. */
  list(
    query: { readonly limit?: number; readonly cursor?: string } = {},
    options: CallOptions = {},
  ): Promise<ProjectionsResponse> {
    return this.#http.body({ method: 'GET', path: ROUTES.projections, query, ...options });
  }

  /** @throws ProblemError `projection-not-found` */
  get(name: string, options: CallOptions = {}): Promise<ProjectionBody> {
    return this.#http.body({ method: 'GET', path: projectionRoute(name), ...options });
  }

  /** Handles nothing until it is resumed. */
  pause(name: string, options: CallOptions = {}): Promise<ProjectionBody> {
    return this.#http.body({ method: 'POST', path: projectionRoute(name, 'pause'), ...options });
  }

  resume(name: string, options: CallOptions = {}): Promise<ProjectionBody> {
    return this.#http.body({ method: 'POST', path: projectionRoute(name, 'resume'), ...options });
  }

  /** Builds the read model anew beside the one in use, which it replaces once it has caught up. */
  rebuild(name: string, options: CallOptions = {}): Promise<ProjectionBody> {
    return this.#http.body({ method: 'POST', path: projectionRoute(name, 'rebuild'), ...options });
  }

  /** Forgets one that no process runs; what its read model holds stays. */
  async forget(name: string, options: CallOptions = {}): Promise<void> {
    await this.#http.send({ method: 'DELETE', path: projectionRoute(name), ...options });
  }
}
